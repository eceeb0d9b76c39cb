import type { State } from '../model.js'
import type { FoldTable } from './fold-table.js'
import type { WorkerName } from './mail.js'
import type { ShardPlaces } from './shard-fields.js'
import type { ShardSteps } from './shard-steps.js'
import type { ShardTraits } from './shard-traits.js'
import type { Ways } from './ways.js'
import type { Plant } from './world.js'

/** What may happen in a state, by the parts of it that it depends on. */
export class ShardWays {
  readonly #places: ShardPlaces
  readonly #steps: ShardSteps
  readonly #folds: FoldTable
  readonly #traits: ShardTraits
  readonly #isUnfenced: boolean
  readonly #isBlind: boolean
  /** The worker of the generation before, for each; -1 for none. */
  readonly #before: readonly number[]

  constructor(options: {
    readonly places: ShardPlaces
    readonly names: readonly WorkerName[]
    readonly steps: ShardSteps
    readonly folds: FoldTable
    readonly traits: ShardTraits
    readonly plants: ReadonlySet<Plant>
  }) {
    const { places, names, steps, folds, traits, plants } = options
    this.#places = places
    this.#steps = steps
    this.#folds = folds
    this.#traits = traits
    this.#isUnfenced = plants.has('waits for no lease')
    this.#isBlind = plants.has('never looks')
    this.#before = names.map(({ worker, generation }) =>
      names.findIndex((other) => other.worker === worker && other.generation === generation - 1),
    )
  }

  ofWorker(state: State, worker: number, visit: (ways: Ways) => void): void {
    if (!this.mayBe(state, worker)) return
    const run = state[this.#places.run(worker)] as number
    const isEnded = this.#steps.facts.at(state[this.#places.facts] as number)[worker] !== 0
    visit(this.#steps.alone(run, worker, isEnded))
    visit(this.#steps.hearing(run, worker, state[this.#places.mail(worker)] as number))
  }

  ofManager(state: State, manager: number, visit: (ways: Ways) => void): void {
    const id = state[this.#places.firstManager + manager] as number
    visit(this.#steps.atLog(id, state[this.#places.log] as number))
    if (this.#steps.managers.at(id).term === null) return
    visit(this.#steps.news(id, state[this.#places.facts] as number))
    this.ofLeader(state, manager, visit)
  }

  /** What may happen to a leader by what has come and what it owes. */
  ofLeader(state: State, manager: number, visit: (ways: Ways) => void): void {
    const places = this.#places
    const steps = this.#steps
    const id = state[places.firstManager + manager] as number
    const { term } = steps.managers.at(id)
    if (term === null) return
    const isInOffice = term.epoch === this.#folds.view(state[places.log] as number).epoch
    const voices: number[] = []
    for (let worker = 0; worker < places.workers; worker += 1) {
      const voice = state[places.voice(worker)] as number
      voices.push(voice)
      visit(steps.taking(id, voice, worker, isInOffice))
    }
    if (!this.#isBlind) visit(steps.looking(id, this.over(state), voices))
    visit(steps.commanded(id, state[places.clients] as number, isInOffice))
  }

  /** The workers whose lease is over for any leader: a bit for each. */
  over(state: State): number {
    let over = 0
    for (let worker = 0; worker < this.#places.workers; worker += 1) {
      const run = state[this.#places.run(worker)] as number
      if (this.#isUnfenced || this.#traits.run(run).isLeaseOver) over |= 1 << worker
    }
    return over
  }

  /** A later generation of a name is started when the one before it was written off. */
  mayBe(state: State, worker: number): boolean {
    const before = this.#before[worker] as number
    if (before === -1) return true
    return this.#steps.facts.at(state[this.#places.facts] as number)[before] !== 0
  }

  /** The worker of the next generation of a name; -1 for none. */
  successor(worker: number): number {
    return this.#before.indexOf(worker)
  }
}
