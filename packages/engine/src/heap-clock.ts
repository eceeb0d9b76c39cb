import type { EngineClock } from './engine-clock.js'

/** A class: V8 would make literals old at once where most timers before have lived long, with all that they hold. */
class Timer {
  readonly dueMs: number
  readonly order: number
  readonly fire: () => void
  /** Where the timer sits in the heap; -1 once it has left it, so that clearing twice is harmless. */
  position: number

  constructor(dueMs: number, order: number, fire: () => void, position: number) {
    this.dueMs = dueMs
    this.order = order
    this.fire = fire
    this.position = position
  }
}

const isBefore = (left: Timer, right: Timer): boolean =>
  left.dueMs < right.dueMs || (left.dueMs === right.dueMs && left.order < right.order)

/**
 * Virtual time: a binary heap of timers ordered by due time, then by insertion. It moves only when told, and
 * stops at every due time on the way, so a timer that arms itself again fires as often as it would in real time.
 * A cleared timer leaves the heap at once.
 */
export class HeapClock implements EngineClock {
  readonly #heap: Timer[] = []
  readonly #firesPerInstantMax: number
  #nowMs = 0
  #order = 0

  /** @param firesPerInstantMax timers that may fire at one instant before `runUntil` throws instead of hanging */
  constructor(firesPerInstantMax = 10_000_000) {
    this.#firesPerInstantMax = firesPerInstantMax
  }

  /** Timers armed and not yet fired or cleared. */
  get size(): number {
    return this.#heap.length
  }

  now(): number {
    return this.#nowMs
  }

  /** Due time in milliseconds of the next timer, or undefined where none is armed. */
  next(): number | undefined {
    return this.#heap[0]?.dueMs
  }

  setTimeout(fire: () => void, delayMs: number): Timer {
    if (Number.isNaN(delayMs)) throw new RangeError('A delay is a number of milliseconds')
    const dueMs = this.#nowMs + Math.max(0, delayMs)
    const timer = new Timer(dueMs, this.#order++, fire, this.#heap.length)
    this.#heap.push(timer)
    this.#rise(timer)
    return timer
  }

  clearTimeout(handle: unknown): void {
    const timer = handle as Timer | undefined
    if (timer === undefined || timer.position < 0) return
    const { position } = timer
    timer.position = -1
    const last = this.#heap.pop()
    if (last === undefined || last === timer) return
    last.position = position
    this.#rise(last)
    this.#sink(last)
  }

  /** Moves time on by `durationMs`; see {@link HeapClock.runUntil}. */
  advance(durationMs: number): number {
    return this.runUntil(this.#nowMs + durationMs)
  }

  /**
   * Moves time to `untilMs` and fires every timer due by then, each with `now()` at its own due time.
   * A timer that throws ends the run there; the rest stays armed. Answers how many fired.
   */
  runUntil(untilMs: number): number {
    let fired = 0
    let atInstant = 0
    for (let timer = this.#heap[0]; timer !== undefined && timer.dueMs <= untilMs; timer = this.#heap[0]) {
      this.clearTimeout(timer)
      atInstant = timer.dueMs === this.#nowMs ? atInstant + 1 : 0
      if (atInstant > this.#firesPerInstantMax)
        throw new Error(`Timers at ${timer.dueMs} ms arm each other for ever`)
      // A timer may itself run the clock, so time is never set back.
      this.#nowMs = Math.max(this.#nowMs, timer.dueMs)
      timer.fire()
      fired += 1
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs)
    return fired
  }

  #place(timer: Timer, position: number): void {
    this.#heap[position] = timer
    timer.position = position
  }

  /** Whoever stands in its way goes down by one; it takes the place that is free in the end. */
  #rise(timer: Timer): void {
    let { position } = timer
    while (position > 0) {
      const above = (position - 1) >> 1
      const parent = this.#heap[above]
      if (parent === undefined || !isBefore(timer, parent)) break
      this.#place(parent, position)
      position = above
    }
    this.#place(timer, position)
  }

  #sink(timer: Timer): void {
    let { position } = timer
    for (;;) {
      const left = this.#heap[2 * position + 1]
      const right = this.#heap[2 * position + 2]
      const child = right !== undefined && left !== undefined && isBefore(right, left) ? right : left
      if (child === undefined || !isBefore(child, timer)) break
      const below = child.position
      this.#place(child, position)
      position = below
    }
    this.#place(timer, position)
  }
}
