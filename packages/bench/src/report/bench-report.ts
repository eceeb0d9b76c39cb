/** What the same work costs without us. */
interface Baseline {
  readonly name: string
  readonly perSecond: number
}

/** One line of a benchmark: medians over rounds that alternate with those of the baseline. */
export interface BenchRow {
  readonly label: string
  /** Operations that are under way at a time; for `sim` the nodes, for a crowd its actors. */
  readonly inFlight: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly baseline: Baseline
  /** Ours per second over the baseline's: the median of neighbouring rounds. */
  readonly ratio: number
}

/** The names of the benchmarks, in the order in which they run. */
export const benchNames = ['engine', 'bus', 'log', 'dispatch', 'inspect', 'sim'] as const
export type BenchName = (typeof benchNames)[number]

/** What `npm run -s bench -- NAME --json` prints. */
export interface BenchReport {
  readonly name: BenchName
  /** The version of Node. */
  readonly node: string
  readonly cores: number
  /** The version of nats-server; null where none takes part. */
  readonly broker: string | null
  readonly rows: readonly BenchRow[]
}
