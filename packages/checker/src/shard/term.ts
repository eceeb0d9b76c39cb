import type { Said } from './mail.js'

/** What a leader knows of a worker beside its log. */
export interface SeatRecord {
  readonly worker: number
  readonly available: readonly number[]
  readonly spent: readonly number[]
  readonly opened: boolean
  readonly held: readonly string[]
  readonly refused: readonly string[]
}

/** How a generation of a worker has ended, as a manager has read it; 0 where it has not. */
export const endings = ['', 'crashed', 'exited', 'superseded'] as const

/** A batch behind which another one has gathered. */
interface BatchBefore {
  readonly fold: number
  readonly inputs: readonly number[]
  /** So many things of the next batch came before this one was acknowledged. */
  readonly behind: number
}

/** One term of a leader between two turns. */
export interface Term {
  /** What it has folded. */
  readonly fold: number
  readonly epoch: number
  readonly seats: readonly SeatRecord[]
  /** The endings of workers that it has read, by their number. */
  readonly endings: readonly number[]
  /** The outbox was read to its end. */
  readonly assigns: boolean
  /** What came since its last batch, in that order: its next one. */
  readonly inputs: readonly number[]
  /** The next batch is in the log, and it has not heard so. */
  readonly isLanded: boolean
  /** What came since then: the batch after it. */
  readonly later: readonly number[]
  /**
   * The batch before the next one, where that one began to gather before this was acknowledged: what its events were
   * proposed from is made anew with it, and what came then with the state as it was.
   */
  readonly before: BatchBefore | null
}

/** What gathers for the batch that nobody has sent. */
export const gathered = (term: Term): readonly number[] => (term.isLanded ? term.later : term.inputs)

/** Whether nothing has come since its last batch. */
export const isAtRest = ({ inputs, isLanded, before }: Term): boolean =>
  inputs.length === 0 && !isLanded && before === null

/** What a leader does in one turn. */
export interface TermTurn {
  readonly term: Term
  readonly said: readonly Said[]
  readonly broken?: string
}

/** The input to look whether something can be assigned: the first of all. */
export const placing = 0

/** The job of a number. */
export const jobOf = (number: number): string => `job${number}`
