/**
 * Time, passed in. `now` is monotonic milliseconds of this process only: no two nodes' clocks are ever compared.
 * A virtual clock has the same three methods.
 */
export interface Clock {
  now(): number
  /** Calls back once after `delayMs`; the handle goes to `clearTimeout`. */
  setTimeout(callback: () => void, delayMs: number): unknown
  clearTimeout(handle: unknown): void
}

/** The machine's own clock. Its timers keep the process alive unless `unref` is set. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
}

/** Resolves after `delayMs` of the given clock. */
export const delay = (clock: Clock, delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    clock.setTimeout(resolve, delayMs)
  })
