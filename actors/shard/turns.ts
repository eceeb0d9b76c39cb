import type { Clock } from '@covey/transport'
import { Fifo } from './fifo.js'

/** Ends a turn; more than once is harmless. */
export type EndTurn = () => void

/**
 * Lets so many go on at once and the others wait, first in, first out (K50). A turn that lasts too long is not waited for
 * any more: what hangs in one shard keeps no other from going on.
 */
export class Turns {
  readonly #clock: Clock
  readonly #atOnceMax: number
  readonly #turnMsMax: number
  readonly #waiting = new Fifo<(end: EndTurn) => void>()
  readonly #timers = new Set<unknown>()
  #isStopped = false

  constructor(clock: Clock, atOnceMax: number, turnMsMax: number) {
    this.#clock = clock
    this.#atOnceMax = atOnceMax
    this.#turnMsMax = turnMsMax
  }

  /** Calls back at once where there is room, else in turn; never once it is stopped. */
  take(begin: (end: EndTurn) => void): void {
    if (this.#isStopped) return
    if (this.#timers.size < this.#atOnceMax) this.#begin(begin)
    else this.#waiting.push(begin)
  }

  /** Nobody is called any more, who waits or comes later. */
  stop(): void {
    this.#isStopped = true
    this.#waiting.keep(() => false)
    for (const timer of this.#timers) this.#clock.clearTimeout(timer)
    this.#timers.clear()
  }

  #begin(begin: (end: EndTurn) => void): void {
    const end = (): void => {
      this.#clock.clearTimeout(timer)
      if (this.#timers.delete(timer)) this.#next()
    }
    const timer = this.#clock.setTimeout(end, this.#turnMsMax)
    this.#timers.add(timer)
    begin(end)
  }

  #next(): void {
    const next = this.#waiting.peek()
    if (next === undefined || this.#timers.size >= this.#atOnceMax) return
    this.#waiting.shift()
    this.#begin(next)
  }
}
