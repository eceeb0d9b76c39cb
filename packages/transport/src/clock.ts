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

/** Node fires a longer delay at once, with a warning: refusing it is kinder. About 24 days. */
const delayMsMax = 2 ** 31 - 1

/** The machine's own clock. Throws a `RangeError` on a delay that Node cannot wait. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout(callback, delayMs) {
    if (delayMs > delayMsMax) throw new RangeError(`a timer of ${delayMs} ms is over ${delayMsMax} ms`)
    return setTimeout(callback, delayMs)
  },
  clearTimeout: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
}

/** The machine's own clock, for what must not keep the process alive: it may end before such a timer is due. */
export const systemBackgroundClock: Clock = {
  ...systemClock,
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs).unref(),
}

/** The wall clock of this machine in milliseconds: compared with itself only (K29), or shown to people. */
export const systemWallClock = (): number => Date.now()

/** Resolves after `delayMs` of the given clock. */
export const delay = (clock: Clock, delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    clock.setTimeout(resolve, delayMs)
  })
