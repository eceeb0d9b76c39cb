import { checkedDeadlineMs } from '@covey/protocol'
import type { Clock } from '@covey/transport'
import { type KnownOptions, refuseUnknownOptions } from '../known-options.js'
import type { DeadlineOptions } from './client-contract.js'

/** How much is left of a call's time, in milliseconds, and never less than none: what it asks later has less. */
export type TimeLeft = () => number

/** That of who is as patient as a stream has to be: it outlives a change of leader. */
export const patient: TimeLeft = () => Number.POSITIVE_INFINITY

/** The options of a call that takes none but its deadline. */
export const knownDeadline: KnownOptions<DeadlineOptions> = { deadlineMs: true }

/** The clock of a client, and the time of a call whose caller names none. */
interface CallGround {
  readonly clock: Clock
  readonly deadlineMs: number
}

/**
 * Begins the time of a call, which its questions share, however many they are. Throws `invalid_options` for no time, and for
 * an option that the call does not have.
 */
export function timeOf(
  call: string,
  options: DeadlineOptions,
  ground: CallGround,
  known: Readonly<Record<string, true>> = knownDeadline,
): TimeLeft {
  refuseUnknownOptions(call, options, known)
  const { deadlineMs = ground.deadlineMs } = options
  const { clock } = ground
  const untilMs = clock.now() + checkedDeadlineMs(deadlineMs)
  return () => Math.max(0, untilMs - clock.now())
}
