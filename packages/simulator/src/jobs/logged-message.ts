import type { Witness } from './witnesses.js'

/**
 * A message of the log, and under which claim it stands there; or that the log went back to a copy, which ends with
 * `sequence` and was last claimed under these.
 */
export interface LoggedMessage {
  readonly sequence: number
  readonly kind: 'claim' | 'batch' | 'strange' | 'copy'
  readonly streamEpoch: number
  readonly epoch: number
  readonly bootId: string
  /** Of a batch: which one of its leader. */
  readonly number?: number
  /** Of a copy: who had seen more. */
  readonly witnesses?: readonly Witness[]
}
