import type { Standing } from '../measure/compare.js'

/** The names of the benchmarks beside peers, in the order in which they run. */
export const peerBenchNames = ['dispatch', 'request'] as const
export type PeerBenchName = (typeof peerBenchNames)[number]

/** What one of those that do the same work came to. */
export interface PeerRow extends Standing {
  readonly label: string
  /** Operations that are under way at a time. */
  readonly inFlight: number
}

/** What `npm run -s bench:peers -- NAME --json` prints. */
export interface PeerReport {
  readonly name: PeerBenchName
  /** The version of Node. */
  readonly node: string
  readonly cores: number
  /** The servers that took part, with their versions. */
  readonly servers: readonly string[]
  readonly rows: readonly PeerRow[]
  /** Who could not take part: which, why, and how to have it. */
  readonly leftOut: readonly string[]
}
