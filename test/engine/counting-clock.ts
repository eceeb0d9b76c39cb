import { type EngineClock, HeapClock } from '@covey/engine'

/** Virtual time that counts what is asked of it. */
export class CountingClock implements EngineClock {
  readonly heap = new HeapClock()
  armed = 0
  cleared = 0

  now(): number {
    return this.heap.now()
  }

  setTimeout(fire: () => void, delayMs: number): unknown {
    this.armed += 1
    return this.heap.setTimeout(fire, delayMs)
  }

  clearTimeout(handle: unknown): void {
    this.cleared += 1
    this.heap.clearTimeout(handle)
  }
}
