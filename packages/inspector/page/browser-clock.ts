/** The browser's clock and chance: the only place where the page asks for them. */
export interface BrowserClock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls once after a while; the answer takes it back. */
  after(delayMs: number, call: () => void): () => void
  /** Calls again and again; the answer ends it. */
  every(periodMs: number, call: () => void): () => void
  /** Calls before the browser paints next. */
  beforePaint(call: () => void): void
  /** From 0 up to 1, without 1. */
  random(): number
}

/** The clock of the window. */
export const browserClock: BrowserClock = {
  now: () => Date.now(),
  after: (delayMs, call) => {
    const timer = setTimeout(call, delayMs)
    return () => clearTimeout(timer)
  },
  every: (periodMs, call) => {
    const timer = setInterval(call, periodMs)
    return () => clearInterval(timer)
  },
  beforePaint: (call) => {
    requestAnimationFrame(call)
  },
  random: () => Math.random(),
}
