import { checkedDeadlineMs } from '@covey/protocol'
import type { Clock } from '@covey/transport'

/** How much is left of a call's time, in milliseconds, and never less than none: what it asks later has less. */
export type TimeLeft = () => number

/** That of who is as patient as a stream has to be: it outlives a change of leader. */
export const patient: TimeLeft = () => Number.POSITIVE_INFINITY

/** Begins the time of a call, which its questions share, however many they are. Throws `invalid_options` for no time. */
export function timeLeft(clock: Clock, deadlineMs: number): TimeLeft {
  const untilMs = clock.now() + checkedDeadlineMs(deadlineMs)
  return () => Math.max(0, untilMs - clock.now())
}
