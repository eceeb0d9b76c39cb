import type { Clock } from '@covey/transport'

/** How much is left of a call's time, in milliseconds, and never less than none: what it asks later has less. */
export type TimeLeft = () => number

/** Begins the time of a call, which its questions share, however many they are. */
export function timeLeft(clock: Clock, deadlineMs: number): TimeLeft {
  const untilMs = clock.now() + deadlineMs
  return () => Math.max(0, untilMs - clock.now())
}
