import type { Clock } from '../clock.js'

interface Parcel {
  readonly dueMs: number
  readonly arrive: () => void
}

/**
 * One direction of one connection: what is sent arrives later, by the clock, in the order of sending, or not at all.
 * One timer serves all that is under way.
 */
export class Pipe {
  readonly #clock: Clock
  readonly #latencyMs: () => number
  readonly #onTurn: () => void
  #parcels: Parcel[] = []
  #head = 0
  #timer: unknown
  #lastDueMs = 0
  #state: 'open' | 'held' | 'closed' = 'open'

  /** @param onTurn told each time its timer rings, before anything arrives */
  constructor(clock: Clock, latencyMs: () => number, onTurn: () => void) {
    this.#clock = clock
    this.#latencyMs = latencyMs
    this.#onTurn = onTurn
  }

  /** Sends; what is sent into a closed pipe vanishes. Never calls `arrive` before this returns. */
  send(arrive: () => void): void {
    if (this.#state === 'closed') return
    // A parcel drawn a shorter way still waits for those sent before it.
    this.#lastDueMs = Math.max(this.#lastDueMs, this.#clock.now() + this.#latencyMs())
    this.#parcels.push({ dueMs: this.#lastDueMs, arrive })
    this.#arm()
  }

  /** Nothing arrives until `release`: the packets wait, as in a network that is cut and heals. */
  hold(): void {
    if (this.#state !== 'open') return
    this.#state = 'held'
    this.#disarm()
  }

  release(): void {
    if (this.#state !== 'held') return
    this.#state = 'open'
    this.#arm()
  }

  /** Loses all that is under way and all that is sent from now on. */
  close(): void {
    this.#state = 'closed'
    this.#parcels = []
    this.#head = 0
    this.#disarm()
  }

  #disarm(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #arm(): void {
    const next = this.#parcels[this.#head]
    if (next === undefined || this.#timer !== undefined || this.#state !== 'open') return
    this.#timer = this.#clock.setTimeout(this.#deliver, Math.max(0, next.dueMs - this.#clock.now()))
  }

  readonly #deliver = (): void => {
    this.#timer = undefined
    this.#onTurn()
    const nowMs = this.#clock.now()
    try {
      for (;;) {
        const next = this.#parcels[this.#head]
        if (next === undefined || next.dueMs > nowMs || this.#state !== 'open') break
        this.#head += 1
        next.arrive()
      }
    } finally {
      // Also where `arrive` throws: the bug of one receiver keeps nothing back from the next.
      this.#tidy()
      this.#arm()
    }
  }

  #tidy(): void {
    if (this.#head < this.#parcels.length && this.#head < 1_024) return
    this.#parcels = this.#parcels.slice(this.#head)
    this.#head = 0
  }
}
