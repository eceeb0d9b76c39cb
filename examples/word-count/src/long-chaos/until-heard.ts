import { setTimeout as wait } from 'node:timers/promises'
import { CoveyError, type ErrorCode } from 'covey'

/** Nobody may lead for as long as all managers are stopped, or the broker is away. */
const pauseMs = 500

/** Nobody leads at the moment: an id makes the same call the same command. */
const repeatable: ReadonlySet<ErrorCode> = new Set(['no_leader', 'unreachable', 'deadline'])

/** Repeats a call until somebody answers it; rejects with the first error that says more than that nobody did. */
export async function untilHeard<Result>(call: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof CoveyError && repeatable.has(error.code))) throw error
      await wait(pauseMs)
    }
  }
}
