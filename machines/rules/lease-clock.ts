/** One reading of a process's own clocks. Readings of two processes are never compared. */
export interface ClockReading {
  readonly monotonicMs: number
  /** The wall clock of the same process: it goes on while a suspended machine's monotonic clock stands still (K29). */
  readonly wallMs: number
}

/**
 * Milliseconds from one reading to a later one of the same process: the larger of both clocks, because a forward step
 * of the wall clock only fences, which is safe, and a stopped monotonic clock would not (K29).
 */
const elapsedMs = (since: ClockReading, now: ClockReading): number =>
  Math.max(now.monotonicMs - since.monotonicMs, now.wallMs - since.wallMs)

/** Milliseconds for which a lease that counts from `since` still holds; zero or less where it is over (K7). */
export const leaseLeftMs = (since: ClockReading, now: ClockReading, selfFenceMs: number): number =>
  selfFenceMs - elapsedMs(since, now)

/** The later of two readings of one process. */
export const laterOf = (left: ClockReading, right: ClockReading): ClockReading =>
  right.monotonicMs > left.monotonicMs ? right : left
