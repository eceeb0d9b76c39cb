import type { Interned } from '../interned.js'
import type { RunTable } from './run-table.js'
import type { Run } from './world.js'

/** What is asked of a run in every state. */
interface Traits {
  /** It was started. */
  readonly isBegun: boolean
  readonly isAlive: boolean
  readonly hasEnded: boolean
  /** The model has no more generations to give: who claims another stands for all that would follow. */
  readonly isSpent: boolean
  /** It may stay as it is. */
  readonly isAtRest: boolean
  /** It looks who has its name, and is answered where a door is open. */
  readonly isLooking: boolean
  readonly door: number
  readonly working: number
  /** The same run where it works no more. */
  readonly stopped: number
}

/** The traits of each run, by its number. */
export class RunTraits {
  readonly #table: RunTable
  readonly #runs: Interned<Run>
  readonly #generationsMax: number
  readonly #known: Traits[] = []

  constructor(table: RunTable, runs: Interned<Run>, generationsMax: number) {
    this.#table = table
    this.#runs = runs
    this.#generationsMax = generationsMax
  }

  of(run: number): Traits {
    const known = this.#known[run]
    if (known !== undefined) return known
    const found = this.#of(this.#runs.at(run))
    this.#known[run] = found
    return found
  }

  #of(run: Run): Traits {
    const { machine, hasEnded, task, door, working } = run
    const isSpent = task?.kind === 'claim' && task.generation > this.#generationsMax
    return {
      ...{ isBegun: machine !== 0 || hasEnded, isAlive: machine !== 0, hasEnded, isSpent },
      isAtRest: isSpent || (task === null && this.#table.stateOf(run) === 'active'),
      isLooking: task?.kind === 'look',
      ...{ door, working, stopped: this.#runs.id({ ...run, working: 0 }) },
    }
  }
}
