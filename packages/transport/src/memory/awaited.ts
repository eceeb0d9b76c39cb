import type { Clock } from '../clock.js'
import type { ProcessGate } from './process-gate.js'

/** Empty once it is settled: tables that a `Map` has outgrown keep what was in them for long. */
interface Waiting<Outcome> {
  resolve: ((outcome: Outcome) => void) | undefined
  timer: unknown
}

/** Answers that a process awaits, each until its deadline. */
export class Awaited<Outcome> {
  readonly #clock: Clock
  readonly #gate: ProcessGate
  readonly #waiting = new Map<number, Waiting<Outcome>>()
  #number = 0

  constructor(clock: Clock, gate: ProcessGate) {
    this.#clock = clock
    this.#gate = gate
  }

  get size(): number {
    return this.#waiting.size
  }

  /** Awaits one answer; `late` is the outcome where none came in time. `send` is given the answer's number. */
  open(deadlineMs: number, late: Outcome, send: (number: number) => void): Promise<Outcome> {
    this.#number += 1
    const number = this.#number
    return new Promise((resolve) => {
      const ring = (): void => this.#gate.enter(() => this.settle(number, late))
      this.#waiting.set(number, { resolve, timer: this.#clock.setTimeout(ring, deadlineMs) })
      send(number)
    })
  }

  /** Gives an answer; one that nobody awaits (any more) is let pass. */
  settle(number: number, outcome: Outcome): void {
    const waiting = this.#waiting.get(number)
    if (waiting === undefined) return
    const { resolve, timer } = waiting
    this.#waiting.delete(number)
    waiting.resolve = undefined
    waiting.timer = undefined
    this.#clock.clearTimeout(timer)
    resolve?.(outcome)
  }

  settleAll(outcome: Outcome): void {
    for (const number of [...this.#waiting.keys()]) this.settle(number, outcome)
  }

  /** Forgets all without an answer: the process that awaited them is dead. */
  forget(): void {
    for (const { timer } of this.#waiting.values()) this.#clock.clearTimeout(timer)
    this.#waiting.clear()
  }
}
