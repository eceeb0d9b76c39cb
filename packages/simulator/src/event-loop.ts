import type { HeapClock } from '@covey/engine'
import type { MemoryBroker } from '@covey/transport'
import type { ProcessPart } from './process-parts.js'
import type { SimulatedClock } from './simulated-clock.js'

/** What an event loop is made with. */
interface EventLoopOptions {
  readonly heap: HeapClock
  readonly clock: SimulatedClock
  readonly broker: MemoryBroker
  /** Of its process. */
  readonly address: string
}

/** The event loop of a simulated process: its timers, and what the broker brings. */
export class EventLoop implements ProcessPart {
  readonly clock: SimulatedClock
  readonly #options: EventLoopOptions
  #isStopped = false
  #goesOnSinceMs: number

  constructor(options: EventLoopOptions) {
    this.#options = options
    this.clock = options.clock
    this.#goesOnSinceMs = options.heap.now()
  }

  /** For how long it has not stood still, in the time of the world; 0 while it does. */
  goesOnForMs(): number {
    return this.#isStopped ? 0 : this.#options.heap.now() - this.#goesOnSinceMs
  }

  freeze(): void {
    this.#isStopped = true
    this.clock.freeze()
    this.#options.broker.freeze(this.#options.address)
  }

  stall(): void {
    this.#isStopped = true
    this.clock.freeze()
    this.#options.broker.stall(this.#options.address)
  }

  suspend(): void {
    this.#isStopped = true
    this.clock.suspend()
    this.#options.broker.freeze(this.#options.address)
  }

  thaw(): void {
    this.#isStopped = false
    this.#goesOnSinceMs = this.#options.heap.now()
    this.clock.thaw()
    this.#options.broker.thaw(this.#options.address)
  }

  orphan(): void {
    this.clock.kill()
    this.#options.broker.kill(this.#options.address)
  }

  /** With all that it stands on: nobody closes its connections. */
  kill(): void {
    this.clock.kill()
    this.#options.broker.freeze(this.#options.address)
  }
}
