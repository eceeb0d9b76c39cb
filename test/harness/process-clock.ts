import type { HeapClock } from '@covey/engine'
import type { Clock } from '@covey/transport'

interface Timer {
  handle: unknown
  callback: (() => void) | undefined
}

/** The clock of one process in a virtual world: frozen, its timers ring late and in order; dead, never. */
export class ProcessClock implements Clock {
  readonly #heap: HeapClock
  readonly #armed = new Set<Timer>()
  readonly #held: Timer[] = []
  #state: 'running' | 'frozen' | 'dead' = 'running'

  constructor(heap: HeapClock) {
    this.#heap = heap
  }

  /** Timers armed and neither rung nor cleared. */
  get size(): number {
    return this.#armed.size
  }

  now(): number {
    return this.#heap.now()
  }

  setTimeout(callback: () => void, delayMs: number): unknown {
    const timer: Timer = { handle: undefined, callback }
    this.#armed.add(timer)
    timer.handle = this.#heap.setTimeout(() => this.#ring(timer), delayMs)
    return timer
  }

  clearTimeout(handle: unknown): void {
    const timer = handle as Timer | undefined
    if (timer === undefined) return
    this.#armed.delete(timer)
    timer.callback = undefined
    this.#heap.clearTimeout(timer.handle)
  }

  freeze(): void {
    if (this.#state === 'running') this.#state = 'frozen'
  }

  thaw(): void {
    if (this.#state !== 'frozen') return
    this.#state = 'running'
    for (const timer of this.#held.splice(0)) timer.handle = this.#heap.setTimeout(() => this.#ring(timer), 0)
  }

  kill(): void {
    this.#state = 'dead'
    for (const timer of [...this.#armed]) this.clearTimeout(timer)
  }

  #ring(timer: Timer): void {
    if (this.#state === 'frozen') this.#held.push(timer)
    if (this.#state !== 'running') return
    this.#armed.delete(timer)
    timer.callback?.()
  }
}
