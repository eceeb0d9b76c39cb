import type { PlainConnection } from '../broker-access.js'

/** Where in the memory that both threads see a number stands; each is a 32-bit integer. */
export const pulseCells = {
  /** The opening that may be answered for; 0 for none. */
  opening: 0,
  /** Grows with each turn of the loop. */
  turns: 1,
  /** For how long it may stand still by the leases of then, or by those renewed since; negative where it may for ever. */
  standsStillMsMax: 2,
  /** Pieces of work that run and must not outlive it. */
  held: 3,
} as const

/** What the thread of a pulse is made with. */
export interface PulseWork {
  readonly connection: PlainConnection
  readonly memory: SharedArrayBuffer
  readonly cells: typeof pulseCells
  /** The thread looks at the loop this often. */
  readonly lookIntervalMs: number
  /** Looks at a loop that stands still with a lease that is over, after which the process is ended: fewer where it was over before. */
  readonly graceLooks: number
  /** What is written to stderr then. */
  readonly lastWords: string
}

/** What the loop tells its thread. Frames are examples: the thread knows no message but these. */
export type PulseOrder =
  | {
      readonly kind: 'open'
      readonly opening: number
      readonly subject: string
      readonly question: Uint8Array
      readonly answer: Uint8Array
    }
  | { readonly kind: 'say'; readonly answer: Uint8Array }
  | { readonly kind: 'close' }
  | { readonly kind: 'end' }

/** What the thread tells: the subscription of an opening is in force. */
export interface PulseWord {
  readonly opened: number
}
