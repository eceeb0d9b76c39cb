import type { AttemptInput } from '@covey/actors'
import { inUnits, Tally, windowOf } from './tally.js'
import type { WorkKind } from './works.js'

/** Everything counts but this: of what has counted nothing, nothing is kept. */
const countsNothing: WorkKind = 'wide'

/** A number below a thousand, to a thousandth, that follows from the workflow and from which of its attempts it is: each has another. */
function weightOf({ workflow, attempt }: AttemptInput): number {
  let hash = attempt
  for (const letter of workflow) hash = (hash * 31 + letter.charCodeAt(0)) % 999_983
  return hash / 1_000
}

/** Counts as functions do, when it begins and when it returns, and notes each sample for itself. */
export class Counting {
  /** What it has counted, as it knows itself. */
  readonly tally = new Tally()
  readonly #attempt: AttemptInput
  readonly #now: () => number

  /** @param now the wall clock of its worker, in milliseconds */
  constructor(attempt: AttemptInput, now: () => number) {
    this.#attempt = attempt
    this.#now = now
  }

  begin(): void {
    this.#add('begun', 1)
    this.#count(weightOf(this.#attempt))
  }

  end(): void {
    this.#count(weightOf(this.#attempt) * 2)
  }

  #count(weight: number): void {
    this.#add('weight', weight)
    this.#set('last', -weight)
    this.#record('weights', weight)
  }

  #add(name: string, value: number): void {
    this.#attempt.statistics.counter(name).add(value)
    this.tally.add(windowOf(this.#now()), name, inUnits(value))
  }

  #set(name: string, value: number): void {
    const atMs = this.#now()
    this.#attempt.statistics.gauge(name).set(value)
    this.tally.set(windowOf(atMs), name, { value, atMs, token: this.#attempt.token })
  }

  #record(name: string, value: number): void {
    this.#attempt.statistics.histogram(name).record(value)
    const units = inUnits(value)
    this.tally.record(windowOf(this.#now()), name, { count: 1, units, min: units, max: units })
  }
}

/** What an attempt counts with; undefined for work that counts nothing. */
export const countingOf = (work: WorkKind, attempt: AttemptInput, now: () => number): Counting | undefined =>
  work === countsNothing ? undefined : new Counting(attempt, now)
