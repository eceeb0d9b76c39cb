import type { HeapClock } from '@covey/engine'
import type { Clock, Random } from '@covey/transport'

interface Timer {
  readonly ring: () => void
  readonly dueMs: number
  handle: unknown
}

/** The clock of a process that is stopped now and then: what was due meanwhile rings when it goes on, in any order. */
export class StoppedClock implements Clock {
  readonly #heap: HeapClock
  readonly #random: Random
  readonly #armed = new Set<Timer>()
  #aheadMs = 0

  constructor(heap: HeapClock, random: Random) {
    this.#heap = heap
    this.#random = random
  }

  now(): number {
    return this.#heap.now() + this.#aheadMs
  }

  setTimeout(callback: () => void, delayMs: number): unknown {
    const ring = (): void => {
      this.#armed.delete(timer)
      callback()
    }
    const timer: Timer = { ring, dueMs: this.now() + delayMs, handle: this.#heap.setTimeout(ring, delayMs) }
    this.#armed.add(timer)
    return timer
  }

  clearTimeout(handle: unknown): void {
    const timer = handle as Timer | undefined
    if (timer === undefined) return
    this.#armed.delete(timer)
    this.#heap.clearTimeout(timer.handle)
  }

  /** SIGSTOP, and SIGCONT so much later. */
  stopFor(durationMs: number): void {
    this.#aheadMs += durationMs
    const places = new Map([...this.#armed].map((timer) => [timer, this.#random.next()]))
    for (const [timer] of [...places].toSorted((one, other) => one[1] - other[1])) {
      this.#heap.clearTimeout(timer.handle)
      timer.handle = this.#heap.setTimeout(timer.ring, Math.max(0, timer.dueMs - this.now()))
    }
  }
}
