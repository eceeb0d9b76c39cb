import type { Clock } from '@covey/transport'

/**
 * Thins out what a function tells while it runs: at most one value per interval, the newest always, and the last one
 * before the end. It owns a timer only while values come faster than the interval.
 */
export class Sampler<Value> {
  readonly #clock: Clock
  readonly #intervalMs: number
  readonly #send: (value: Value, number: number) => void
  #waiting: { readonly value: Value } | undefined
  #timer: unknown
  #sentAtMs = 0
  #sent = 0

  /** @param send is given each value that passes and its number, from 1 */
  constructor(clock: Clock, intervalMs: number, send: (value: Value, number: number) => void) {
    this.#clock = clock
    this.#intervalMs = intervalMs
    this.#send = send
  }

  report(value: Value): void {
    this.#waiting = { value }
    // Code that blocks its event loop keeps a timer that is due from being heard.
    if (this.#timer === undefined || this.#clock.now() - this.#sentAtMs >= this.#intervalMs) this.#flush()
  }

  /** Sends what still waits and leaves no timer behind. */
  end(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#sendWaiting()
  }

  readonly #flush = (): void => {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
    if (!this.#sendWaiting()) return
    this.#sentAtMs = this.#clock.now()
    this.#timer = this.#clock.setTimeout(this.#flush, this.#intervalMs)
  }

  #sendWaiting(): boolean {
    const waiting = this.#waiting
    if (waiting === undefined) return false
    this.#waiting = undefined
    this.#sent += 1
    this.#send(waiting.value, this.#sent)
    return true
  }
}
