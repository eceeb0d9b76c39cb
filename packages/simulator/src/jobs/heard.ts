import type { StatisticsWindow } from 'covey'

/** What a client was told of a workflow or job. */
export interface ClientAnswer {
  readonly client: string
  readonly about: string
  /** What was asked: how a job ends, what a workflow gives, what a cancel has done. */
  readonly kind: 'ended' | 'result' | 'cancel'
  /** The state, or the outcome of the cancel; `lost`: a large result cannot be had. */
  readonly said: string
  /** The result, where it has one. */
  readonly value?: unknown
}

/** A client was told that everything is cancelled that a filter met. */
export interface SweepAnswer {
  readonly client: string
  readonly work: string
  /** It named the work alone, and met all of it; else only what was in the state that it named. */
  readonly isWhole: boolean
  /** When the question was put that was answered. */
  readonly askedAtMs: number
  /** Shards whose leaders have answered. */
  readonly shards: readonly number[]
}

/** What a client was told that the workflows of a job have counted. */
export interface ToldTotals {
  readonly client: string
  readonly job: string
  readonly windows: readonly StatisticsWindow[]
}

/** The states of the workflows of a job, as a leader has it; none where nobody has it. */
export type DescribedJob = ReadonlyMap<string, string> | 'expired'

/** A client was told that a job is kept no more. */
interface Expiry {
  readonly client: string
  /** The job, or a workflow of it. */
  readonly about: string
  readonly atMs: number
}

/** All that clients have heard, in the order in which they heard it. */
export interface Heard {
  readonly answers: ClientAnswer[]
  readonly expiries: Expiry[]
  readonly sweeps: SweepAnswer[]
  readonly totals: ToldTotals[]
  /** Of jobs that may not have ended. */
  readonly counts: ToldTotals[]
  /** When a client was last told that a job is in the log. */
  readonly accepted: Map<string, number>
}

/** Nothing yet. */
export const nothingHeard = (): Heard => ({
  answers: [],
  expiries: [],
  sweeps: [],
  totals: [],
  counts: [],
  accepted: new Map(),
})
