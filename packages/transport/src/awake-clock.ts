import { limits } from '@covey/protocol'
import { type Clock, systemBackgroundClock, systemClock } from './clock.js'

interface Timer {
  readonly dueMs: number
  readonly callback: () => void
  handle: unknown
}

/** How often it is looked whether the process is awake. */
const beatIntervalMs = 100
/** A timer may ring a little early by the clock that it was set by. */
const earlyMs = 1

/**
 * The time for which a process was awake: between two turns of its event loop at most `wakeupLateMs` go by, however long
 * it was stopped. For who shares one process with its broker and with all others: time for which everybody stood still
 * counts for nobody, whatever is handled first on waking (K52).
 */
export class AwakeClock implements Clock {
  readonly #clock: Clock
  readonly #background: Clock
  #isBeating = false
  /** What it showed when the loop was last seen to turn, and what the other clock showed then. */
  #shownMs = 0
  #seenMs = 0

  /** Of two clocks that show the same; what it arms on `background` need not keep the process alive. */
  constructor(clock: Clock, background: Clock) {
    this.#clock = clock
    this.#background = background
  }

  now(): number {
    if (!this.#isBeating) this.#begin()
    return this.#shownMs + this.#awakeMs(this.#clock.now())
  }

  setTimeout(callback: () => void, delayMs: number): unknown {
    const timer: Timer = { dueMs: this.now() + delayMs, callback, handle: undefined }
    this.#arm(timer, delayMs)
    return timer
  }

  clearTimeout(handle: unknown): void {
    this.#clock.clearTimeout((handle as Timer | undefined)?.handle)
  }

  #arm(timer: Timer, delayMs: number): void {
    timer.handle = this.#clock.setTimeout(() => {
      const leftMs = timer.dueMs - this.now()
      if (leftMs > earlyMs) this.#arm(timer, leftMs)
      else timer.callback()
    }, delayMs)
  }

  /** With its first use: who never asks for it pays nothing. */
  #begin(): void {
    this.#isBeating = true
    this.#seenMs = this.#clock.now()
    this.#background.setTimeout(this.#beat, beatIntervalMs)
  }

  #awakeMs(nowMs: number): number {
    return Math.min(nowMs - this.#seenMs, limits.wakeupLateMs)
  }

  readonly #beat = (): void => {
    const nowMs = this.#clock.now()
    this.#shownMs += this.#awakeMs(nowMs)
    this.#seenMs = nowMs
    this.#background.setTimeout(this.#beat, beatIntervalMs)
  }
}

/** The machine's own clock without the time for which this process was stopped: that of a memory broker and its nodes. */
export const systemAwakeClock: Clock = new AwakeClock(systemClock, systemBackgroundClock)
