import type { Clock } from '../clock.js'
import type { ProcessGate } from './process-gate.js'

/** A class: see `Parcel`. */
class Waiting<Outcome> {
  readonly resolve: (outcome: Outcome) => void
  readonly timer: unknown

  constructor(resolve: (outcome: Outcome) => void, timer: unknown) {
    this.resolve = resolve
    this.timer = timer
  }
}

/** Answers that a process awaits, each until its deadline. */
export class Awaited<Outcome> {
  readonly #clock: Clock
  readonly #gate: ProcessGate
  /**
   * By number, from `#first` on; empty where it is settled. A `Map` in which things come and go leaves tables behind that
   * keep what was in them, and all of it would be collected as old.
   */
  readonly #waiting: (Waiting<Outcome> | undefined)[] = []
  #first = 1
  /** How many at the front are settled, and still take their place. */
  #gone = 0
  #size = 0

  constructor(clock: Clock, gate: ProcessGate) {
    this.#clock = clock
    this.#gate = gate
  }

  get size(): number {
    return this.#size
  }

  /** Awaits one answer; `late` is the outcome where none came in time. `send` is given the answer's number. */
  open(deadlineMs: number, late: Outcome, send: (number: number) => void): Promise<Outcome> {
    const number = this.#first + this.#waiting.length
    return new Promise((resolve) => {
      const ring = (): void => this.#gate.enter(() => this.settle(number, late))
      this.#waiting.push(new Waiting(resolve, this.#clock.setTimeout(ring, deadlineMs)))
      this.#size += 1
      send(number)
    })
  }

  /** Gives an answer; one that nobody awaits (any more) is let pass. */
  settle(number: number, outcome: Outcome): void {
    const place = number - this.#first
    const waiting = this.#waiting[place]
    if (waiting === undefined) return
    this.#waiting[place] = undefined
    this.#size -= 1
    this.#tidy()
    this.#clock.clearTimeout(waiting.timer)
    waiting.resolve(outcome)
  }

  settleAll(outcome: Outcome): void {
    const end = this.#first + this.#waiting.length
    for (let number = this.#first; number < end; number += 1) this.settle(number, outcome)
  }

  /** Forgets all without an answer: the process that awaited them is dead. */
  forget(): void {
    for (const waiting of this.#waiting) if (waiting !== undefined) this.#clock.clearTimeout(waiting.timer)
    this.#first += this.#waiting.length
    this.#waiting.length = 0
    this.#gone = 0
    this.#size = 0
  }

  /** Takes those out that are settled, once they are half of all: what is left has to move to the front. */
  #tidy(): void {
    const { length } = this.#waiting
    while (this.#gone < length && this.#waiting[this.#gone] === undefined) this.#gone += 1
    if (this.#gone * 2 < length) return
    this.#waiting.copyWithin(0, this.#gone)
    this.#waiting.length = length - this.#gone
    this.#first += this.#gone
    this.#gone = 0
  }
}
