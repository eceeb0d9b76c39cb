import type { HeapClock } from '@covey/engine'
import type { Clock } from '@covey/transport'

/** A class, as the timers of a {@link HeapClock} are. */
class Timer {
  /** By this clock. */
  readonly dueMs: number
  /** Of those that are due together the first is the one that was armed first. */
  readonly order: number
  readonly callback: () => void
  handle: unknown
  /** Where it stands among those that are armed; -1 once it has rung or was cleared. */
  place: number

  constructor(dueMs: number, order: number, callback: () => void, place: number) {
    this.dueMs = dueMs
    this.order = order
    this.callback = callback
    this.handle = undefined
    this.place = place
  }
}

/**
 * The monotonic clock of one process in a simulated world. Frozen, its timers ring late and in order; dead, never. It
 * starts wherever it likes, may run faster or slower than the world, go forward at once, or stand still while its machine
 * sleeps: no two processes have the same time.
 */
export class SimulatedClock implements Clock {
  readonly #heap: HeapClock
  /** In no order. A `Set` would leave tables behind that keep what was in them, and all of it would be collected as old. */
  readonly #armed: Timer[] = []
  #order = 0
  #held: Timer[] = []
  #state: 'running' | 'frozen' | 'suspended' | 'dead' = 'running'
  /** Its time at `#sinceMs` of the world; from there it runs at `#rate`. */
  #baseMs: number
  #sinceMs: number
  #rate = 1

  /** @param originMs what the clock shows when the process starts */
  constructor(heap: HeapClock, originMs = heap.now()) {
    this.#heap = heap
    this.#baseMs = originMs
    this.#sinceMs = heap.now()
  }

  /** Timers armed and neither rung nor cleared. */
  get size(): number {
    return this.#armed.length
  }

  /** Another one of the same machine, for what runs beside the process of this one. */
  another(): SimulatedClock {
    const other = new SimulatedClock(this.#heap, this.now())
    other.drift(this.#rate)
    return other
  }

  now(): number {
    if (this.#state === 'suspended') return this.#baseMs
    return this.#baseMs + (this.#heap.now() - this.#sinceMs) * this.#rate
  }

  /** Runs at `rate` seconds a second of the world from now on; timers that are armed keep their place in the world. */
  drift(rate: number): void {
    this.#baseMs = this.now()
    this.#sinceMs = this.#heap.now()
    this.#rate = rate
  }

  /** Goes forward at once: what is due by then rings now, in its order. */
  jump(byMs: number): void {
    this.#baseMs = this.now() + byMs
    this.#sinceMs = this.#heap.now()
    if (this.#state !== 'dead') this.#rearm()
  }

  setTimeout(callback: () => void, delayMs: number): unknown {
    const timer = new Timer(this.now() + delayMs, this.#order++, callback, this.#armed.length)
    this.#armed.push(timer)
    timer.handle = this.#heap.setTimeout(() => this.#ring(timer), delayMs / this.#rate)
    return timer
  }

  clearTimeout(handle: unknown): void {
    const timer = handle as Timer | undefined
    if (timer === undefined || !this.#disarm(timer)) return
    this.#heap.clearTimeout(timer.handle)
  }

  freeze(): void {
    if (this.#state === 'running') this.#state = 'frozen'
  }

  /** Stands still until `thaw`: no time passes for it, and its timers keep what they had left. */
  suspend(): void {
    if (this.#state !== 'running') return
    this.#baseMs = this.now()
    this.#state = 'suspended'
  }

  thaw(): void {
    if (this.#state === 'suspended') {
      this.#state = 'running'
      this.#sinceMs = this.#heap.now()
      this.#rearm()
    }
    if (this.#state !== 'frozen') return
    this.#state = 'running'
    for (const timer of this.#held.splice(0)) timer.handle = this.#heap.setTimeout(() => this.#ring(timer), 0)
  }

  kill(): void {
    this.#state = 'dead'
    for (const timer of [...this.#armed]) this.clearTimeout(timer)
  }

  #rearm(): void {
    this.#held = []
    const inOrder = this.#armed.toSorted((one, other) => one.dueMs - other.dueMs || one.order - other.order)
    for (const timer of inOrder) {
      this.#heap.clearTimeout(timer.handle)
      const delayMs = Math.max(0, timer.dueMs - this.now()) / this.#rate
      timer.handle = this.#heap.setTimeout(() => this.#ring(timer), delayMs)
    }
  }

  #ring(timer: Timer): void {
    if (this.#state === 'frozen') this.#held.push(timer)
    if (this.#state !== 'running') return
    if (this.#disarm(timer)) timer.callback()
  }

  /** Takes it out; false where it was out before. The last one takes its place. */
  #disarm(timer: Timer): boolean {
    const { place } = timer
    if (place < 0) return false
    timer.place = -1
    const last = this.#armed.pop()
    if (last === undefined || last === timer) return true
    this.#armed[place] = last
    last.place = place
    return true
  }
}
