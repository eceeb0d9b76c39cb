import { limits } from '@covey/protocol'

/** How a leader waits for its workers: when it looked last, and until when it waits, by its own clock. */
export interface WorkerSilence {
  readonly lookedAtMs: number
  readonly dueMs: number
}

/**
 * Milliseconds without a renewal, or without one that shows that an answer has come, after which a leader gives its shard
 * up (K41). They double with each term in a row in which it and its workers did not hear each other: where another leader
 * fares no better than this one, it is the workers, and not the way to them.
 */
export const silencePatienceMs = (leaderTimeoutMs: number, silentTerms: number): number =>
  leaderTimeoutMs * 2 ** Math.min(silentTerms, limits.silentTermsCounted)

/**
 * One look at a silence, which is over time where `dueMs` has come. Between two looks that are `intervalMs` apart no more
 * than that has passed: who was stopped in between heard nothing because it did not run (K29).
 */
export function lookAtSilence(
  { lookedAtMs, dueMs }: WorkerSilence,
  nowMs: number,
  intervalMs: number,
): WorkerSilence {
  const stoppedMs = Math.max(0, nowMs - lookedAtMs - intervalMs)
  return { lookedAtMs: nowMs, dueMs: dueMs + stoppedMs }
}

/**
 * Whether a manager that gave its shard up takes part like anybody once it overhears a worker that renews with another
 * leader (K41). Where no worker had heard it, that shows nothing: one term may be tried again after a rest, which doubles
 * with each such term until a worker has heard it.
 */
export const mayLeadAgain = (unheardTerms: number, restedMs: number): boolean =>
  unheardTerms === 0 ||
  restedMs >= Math.min(limits.unheardRestMs * 2 ** (unheardTerms - 1), limits.unheardRestMsMax)
