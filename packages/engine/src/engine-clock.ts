/**
 * The only time the engine knows. Nothing in this package reads a wall clock or owns a timer beside it, so the
 * same actors run live, in tests and in the simulator (L4).
 */
export interface EngineClock {
  /** Monotonic milliseconds; only differences mean anything. */
  now(): number
  /** Calls `fn` once, `delayMs` milliseconds from now, never before this call returns. */
  setTimeout(fn: () => void, delayMs: number): unknown
  /** Forgets a timer; a handle that has fired or was cleared already is let pass. */
  clearTimeout(handle: unknown): void
}
