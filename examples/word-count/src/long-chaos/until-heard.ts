import { setTimeout as wait } from 'node:timers/promises'
import { CoveyError, type ErrorCode } from 'covey'

/** Nobody may lead for as long as all managers are stopped, or the broker is away. */
const pauseMs = 500

/** Nobody leads at the moment: an id makes the same call the same command. */
const repeatable: ReadonlySet<ErrorCode> = new Set(['no_leader', 'unreachable', 'deadline'])

/**
 * Repeats a call until somebody answers it, or that comes too late, by `performance.now()`; rejects with the first error
 * that says more than that nobody did, or then with the last.
 */
export async function untilHeard<Result>(
  call: () => Promise<Result>,
  endsAtMs = Number.POSITIVE_INFINITY,
): Promise<Result> {
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof CoveyError && repeatable.has(error.code))) throw error
      if (performance.now() + pauseMs >= endsAtMs) throw error
      await wait(pauseMs)
    }
  }
}

/** Repeats calls, each of which is given what is left of the time of all, in milliseconds. */
export type Hear = <Result>(call: (leftMs: number) => Promise<Result>) => Promise<Result>

/** Hears for so long from now on. */
export function heardWithin(deadlineMs: number): Hear {
  const endsAtMs = performance.now() + deadlineMs
  return (call) => untilHeard(() => call(Math.max(1, endsAtMs - performance.now())), endsAtMs)
}
