import type { State } from '../model.js'
import type { FoldTable } from './fold-table.js'
import type { ShardPlaces } from './shard-fields.js'
import type { ShardReduction } from './shard-options.js'
import type { ShardSteps } from './shard-steps.js'
import type { ShardWays } from './shard-ways.js'
import type { Ways } from './ways.js'

/** Puts a message under way to a worker. */
export type PostTo = (state: Int32Array, worker: number, message: number) => void

/**
 * Puts one state in place of those before it that differ by what nobody can tell: orders that nobody will ever heed,
 * batches that will never be in the log, and what can be said at any time, which is said at once. Who is not told it
 * yet does nothing that who is told cannot do.
 */
export class Settling {
  readonly #places: ShardPlaces
  readonly #steps: ShardSteps
  readonly #folds: FoldTable
  readonly #ways: ShardWays
  readonly #post: PostTo
  readonly #without: ReadonlySet<ShardReduction>
  readonly #all: number

  constructor(options: {
    readonly places: ShardPlaces
    readonly steps: ShardSteps
    readonly folds: FoldTable
    readonly ways: ShardWays
    readonly post: PostTo
    readonly without: ReadonlySet<ShardReduction>
  }) {
    this.#places = options.places
    this.#steps = options.steps
    this.#folds = options.folds
    this.#ways = options.ways
    this.#post = options.post
    this.#without = options.without
    this.#all = (1 << this.#places.managers) - 1
  }

  /** Settles a state that was reached from a settled one: what was not touched is settled. */
  settle(state: Int32Array, from: State): void {
    if (!this.#without.has('deposed')) this.#dismiss(state)
    if (!this.#without.has('old orders'))
      for (let worker = 0; worker < this.#places.workers; worker += 1) this.#forget(state, worker)
    if (!this.#without.has('speech')) this.#speak(state, from)
  }

  #dismiss(state: Int32Array): void {
    const { log, firstManager, clients } = this.#places
    const { epoch } = this.#folds.view(state[log] as number)
    for (let at = firstManager; at < clients; at += 1)
      state[at] = this.#steps.idle(state[at] as number, epoch)
  }

  #forget(state: Int32Array, worker: number): void {
    const at = this.#places.mail(worker)
    if (state[at] !== 0)
      state[at] = this.#steps.heardable(
        state[this.#places.run(worker)] as number,
        worker,
        state[at] as number,
      )
  }

  #speak(state: Int32Array, from: State): void {
    let workers = this.#touchedWorkers(state, from)
    let managers = this.#isTouched(state, from) ? this.#all : this.#touchedManagers(state, from)
    while ((workers | managers) !== 0) {
      for (let worker = 0; worker < this.#places.workers; worker += 1)
        if ((workers & (1 << worker)) !== 0 && this.#hears(state, worker)) managers = this.#all
      workers = 0
      for (let manager = 0; manager < this.#places.managers; manager += 1)
        if ((managers & (1 << manager)) !== 0) workers |= this.#answers(state, manager)
      managers = 0
    }
  }

  #touchedWorkers(state: State, from: State): number {
    let touched = state[this.#places.facts] === from[this.#places.facts] ? 0 : (1 << this.#places.workers) - 1
    for (let worker = 0; worker < this.#places.workers; worker += 1) {
      const first = this.#places.run(worker)
      for (let at = first; at <= this.#places.mail(worker); at += 1)
        if (state[at] !== from[at]) touched |= 1 << worker
    }
    return touched
  }

  /** Whether something is new to every manager. */
  #isTouched(state: State, from: State): boolean {
    const { log, clients, workers } = this.#places
    if (state[clients] !== from[clients] || this.#ways.over(state) !== this.#ways.over(from)) return true
    for (let worker = 0; worker < workers; worker += 1) {
      const voice = this.#places.voice(worker)
      if (state[voice] !== from[voice]) return true
    }
    if (state[log] === from[log]) return false
    return this.#folds.view(state[log] as number).epoch !== this.#folds.view(from[log] as number).epoch
  }

  #touchedManagers(state: State, from: State): number {
    let touched = 0
    for (let manager = 0; manager < this.#places.managers; manager += 1) {
      const at = this.#places.firstManager + manager
      if (state[at] !== from[at]) touched |= 1 << manager
    }
    return touched
  }

  /** Whether a worker says something new. */
  #hears(state: Int32Array, worker: number): boolean {
    const { post } = this.#steps
    const at = this.#places.voice(worker)
    const before = state[at]
    this.#ways.ofWorker(state, worker, ({ utters }) => {
      if (utters !== post.silence) state[at] = post.spoken(state[at] as number, utters)
    })
    return state[at] !== before
  }

  /** The workers to whom a manager says something new: a bit for each. */
  #answers(state: Int32Array, manager: number): number {
    let told = 0
    this.#ways.ofLeader(state, manager, ({ mail }: Ways) => {
      for (let index = 0; index < mail.length; index += 2) {
        const worker = mail[index] as number
        const at = this.#places.mail(worker)
        const before = state[at]
        this.#post(state, worker, mail[index + 1] as number)
        if (!this.#without.has('old orders')) this.#forget(state, worker)
        if (state[at] !== before) told |= 1 << worker
      }
    })
    return told
  }
}
