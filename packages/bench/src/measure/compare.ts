import type { BenchRow } from '../report/bench-report.js'
import { Latencies } from './latencies.js'
import { median } from './median.js'

/** One way to do the work that is measured. */
export interface Contender {
  readonly name: string
  /** Works for about so long, tells each latency, and resolves with how much it did in a second. */
  run(durationMs: number, latencies: Latencies): Promise<number>
  /** Gets warm for about so long, where `run` alone would take too long for that. */
  warmUp?(durationMs: number): Promise<unknown>
}

/** A row in the making: ours against one baseline or several. */
export interface Comparison {
  readonly label: string
  readonly inFlight: number
  readonly ours: Contender
  readonly baselines: readonly Contender[]
}

/** How long everything takes. */
export interface Duration {
  /** Seconds that each contender is measured for, over all rounds. */
  readonly seconds: number
  /** Default: 5. More of them tell a small difference from what the machine does meanwhile. */
  readonly rounds?: number
}

/** A first round of this share of the time is thrown away: compilers and caches get warm in it. */
const warmUpShare = 0.5

interface Measured {
  readonly contender: Contender
  readonly latencies: Latencies
  readonly perSecond: number[]
}

/** What a contender came to. */
export interface Standing {
  readonly name: string
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Ours per second over its own: the median of neighbouring rounds. */
  readonly ratio: number
}

/**
 * Measures contenders in rounds that alternate, so that what else the machine does in the meantime disturbs all alike,
 * and answers what each came to, ours first: medians of the rounds, percentiles of all of them together. The ratio is the
 * median of the ratios of neighbouring rounds: a machine that is faster now and slower then changes both.
 */
export async function standings(
  { ours, baselines }: Pick<Comparison, 'ours' | 'baselines'>,
  { seconds, rounds = 5 }: Duration,
): Promise<Standing[]> {
  const measured = [ours, ...baselines].map(
    (contender): Measured => ({ contender, latencies: new Latencies(), perSecond: [] }),
  )
  for (const { contender, latencies } of measured) {
    const durationMs = seconds * 1_000 * warmUpShare
    await (contender.warmUp?.(durationMs) ?? contender.run(durationMs, latencies))
    latencies.clear()
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const { contender, latencies, perSecond } of measured) {
      perSecond.push(await contender.run((seconds * 1_000) / rounds, latencies))
    }
  }
  const mine = measured[0]?.perSecond ?? []
  return measured.map(({ contender, latencies, perSecond }): Standing => {
    const [p50Ms, p99Ms] = [latencies.percentile(50), latencies.percentile(99)]
    const ratio = median(perSecond.map((figure, round) => (mine[round] ?? 0) / figure))
    return { name: contender.name, perSecond: median(perSecond), p50Ms, p99Ms, ratio }
  })
}

/** Measures ours beside its baselines, as {@link standings} does, and answers a row for each baseline. */
export async function compare(comparison: Comparison, duration: Duration): Promise<BenchRow[]> {
  const { label, inFlight } = comparison
  const [mine, ...others] = await standings(comparison, duration)
  if (mine === undefined) return []
  const { perSecond, p50Ms, p99Ms } = mine
  return others.map(({ name, perSecond: its, ratio }): BenchRow => {
    return { label, inFlight, perSecond, p50Ms, p99Ms, baseline: { name, perSecond: its }, ratio }
  })
}
