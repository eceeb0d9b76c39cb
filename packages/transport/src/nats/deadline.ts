import type { Clock } from '../clock.js'

/** Durations of this adapter in milliseconds: how long it waits for the broker before it says that it does not answer. */
export const natsDeadlines = {
  /** One question to JetStream, an append included: a link that breaks ends it at once, so this is for a stuck broker. */
  jetStreamMs: 2_000,
  /** How long several servers are waited for that have no leader yet, and how often they are asked again. */
  agreementMs: 20_000,
  /**
   * How long a single server is waited for that does not answer while streams are made: it is stuck for a moment, or is
   * started again. Several questions and the wait of a restart fit in.
   */
  recoveryMs: 8_000,
  agreementPauseMs: 250,
  flushMs: 2_000,
  /** What has arrived is handled for at most this long before the connection is closed anyway. */
  drainMs: 2_000,
  /** How often requests that are overdue are looked for: an answer's deadline is late by this at most. */
  sweepIntervalMs: 20,
  /** A stream says at least this often that it has nothing new, and is asked again after the silence below. */
  followHeartbeatMs: 1_000,
  followSilenceMs: 3_000,
  /** A follower's consumer without anybody listening is removed by the broker after this. */
  followAbandonedMs: 10_000,
  /** A timer shows the thread of the pulse this often that the loop turns, and the thread looks this often. */
  beatIntervalMs: 100,
} as const

/** Settles as `promise` does, or rejects with `overdue()` after `deadlineMs` of the clock. */
export async function withDeadline<Value>(
  clock: Clock,
  promise: Promise<Value>,
  deadlineMs: number,
  overdue: () => Error,
): Promise<Value> {
  let timer: unknown
  const late = new Promise<never>((_, reject) => {
    timer = clock.setTimeout(() => reject(overdue()), deadlineMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clock.clearTimeout(timer)
  }
}
