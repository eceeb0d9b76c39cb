import { BudgetTable } from '../budget-table.js'
import { Interned } from '../interned.js'
import type { Field, Model, State, Walk } from '../model.js'
import { PairMap } from '../pair-map.js'
import { Words } from '../words.js'
import { ClientSteps } from './client-steps.js'
import { FoldTable } from './fold-table.js'
import { LeaderTable } from './leader-table.js'
import type { Input, WorkerName } from './mail.js'
import { ManagerHappenings } from './manager-happenings.js'
import { opened } from './opening.js'
import { fieldsOf, ofWorker, sortPart } from './shard-fields.js'
import type { ShardOptions } from './shard-options.js'
import { ShardSteps } from './shard-steps.js'
import { ShardTraits } from './shard-traits.js'
import { violationOf } from './violations.js'
import { WorkerHappenings } from './worker-happenings.js'
import { unborn, WorkerTable } from './worker-table.js'
import { type Budget, budgetKinds, newOrder, type ShardStep } from './world.js'

/** One shard: its log, managers, workers and clients. Whatever is said may be late, twice, out of order, or lost. */
export class ShardModel implements Model {
  readonly name = 'a shard'
  readonly actions = new Words()
  readonly fields: readonly Field[]
  readonly #options: ShardOptions
  readonly #folds: FoldTable
  readonly #steps: ShardSteps
  readonly #asking: ClientSteps
  readonly #traits: ShardTraits
  readonly #managers: ManagerHappenings
  readonly #budgets: BudgetTable<Budget>
  readonly #broken = new PairMap<string | null>()
  readonly #voices: number[]
  /** The worker of the generation before, for each; -1 for none. */
  readonly #before: readonly number[]
  readonly #firstWorker: number
  readonly #isByName: boolean
  readonly #isUnfenced: boolean
  readonly #clients: number
  readonly #facts: number
  readonly #left: number

  constructor(options: ShardOptions) {
    const { workers, managers, slots, tokensMax, epochsMax, inputsMax } = options
    this.#options = options
    this.#folds = new FoldTable(options.fold)
    const inputs = new Interned<Input>()
    const workerTable = new WorkerTable(options.workerMachine, options.attemptMachine, slots)
    const plants = new Set(options.plants)
    this.#isByName = plants.has('mail goes by name')
    this.#isUnfenced = plants.has('waits for no lease')
    const leaders = new LeaderTable({
      ...{ folds: this.#folds, names: workers, slots, tokensMax },
      inputOf: (input) => inputs.at(input),
    })
    this.#managers = new ManagerHappenings({
      ...{ leadershipMachine: options.leadershipMachine, folds: this.#folds, leaders, epochsMax },
      plants,
    })
    this.#steps = new ShardSteps(
      {
        ...{ words: this.actions, names: workers, folds: this.#folds, workerTable, inputsMax },
        workerHappenings: new WorkerHappenings(workerTable),
        managerHappenings: this.#managers,
      },
      inputs,
    )
    this.#asking = new ClientSteps(this.actions, this.#steps.post.clients)
    this.#traits = new ShardTraits(this.#steps, this.#folds, workerTable, tokensMax)
    this.#budgets = new BudgetTable(budgetKinds, options.budgets)
    this.#voices = workers.map(() => 0)
    this.#before = workers.map(({ worker, generation }) =>
      workers.findIndex((other) => other.worker === worker && other.generation === generation - 1),
    )
    this.#clients = 1 + managers
    this.#facts = this.#clients + 1
    this.#left = this.#clients + 2
    this.#firstWorker = this.#clients + 3
    this.fields = fieldsOf(workers, managers)
  }

  start(): readonly number[] {
    const { workers, managers, jobs } = this.#options
    const steps = this.#steps
    const follower = steps.managers.id(this.#managers.follower())
    const clients = { orders: Array(jobs).fill(newOrder), broken: '' }
    const silent = steps.post.voices.id({ reports: 0, renewal: -1, stored: 0 })
    const first = [
      this.#folds.start,
      ...Array(managers).fill(follower),
      ...[steps.post.clients.id(clients), steps.facts.id(workers.map(() => 0)), this.#budgets.start],
      ...workers.flatMap(() => [steps.runs.id(unborn), silent, 0]),
    ]
    return this.#options.isOpen === true ? opened(this, workers, first) : first
  }

  successors(state: State, walk: Walk): void {
    this.#ofManagers(state, walk)
    this.#takeAll(state, walk, 0, 0, this.#asking.asking(state[this.#clients] as number))
    const facts = this.#steps.facts.at(state[this.#facts] as number)
    for (let worker = 0; worker < facts.length; worker += 1) {
      const ending = facts[worker] as number
      const at = this.#firstWorker + worker * ofWorker
      const run = state[at] as number
      if (!this.#mayBe(state, worker)) continue
      this.#takeAll(state, walk, 0, worker, this.#steps.alone(run, worker, ending !== 0))
      this.#takeAll(state, walk, 0, worker, this.#steps.hearing(run, worker, state[at + 2] as number))
      if (ending === 0) this.#ending(state, walk, worker, facts)
    }
  }

  violation(state: State): string | undefined {
    return violationOf(this.#traits, state, this.#clients, this.#firstWorker)
  }

  /** All jobs have ended, all clients know, and nothing of it is left at a worker: or nobody is left to run it. */
  isQuiet(state: State): boolean {
    const log = this.#traits.log(state[0] as number)
    if (log.isSpent) return true
    let living = 0
    let settled = true
    for (let worker = 0; worker < this.#options.workers.length; worker += 1) {
      const { isBusy, life } = this.#traits.run(state[this.#firstWorker + worker * ofWorker] as number)
      if (life === 'up' || (life === 'unborn' && this.#mayBe(state, worker))) living += 1
      settled &&= !isBusy
    }
    if (living === 0) return true
    return settled && this.#traits.areTold(state[this.#clients] as number)
  }

  normalise(state: Int32Array): void {
    if (this.#options.without?.includes('names') === true) return
    // Nothing names a manager, so that two of them may change places.
    sortPart(state, 1, this.#clients)
  }

  tell(state: State): readonly string[] {
    const { managers, workers } = this.#options
    return [
      `the log: ${this.#traits.tellLog(state[0] as number)}`,
      ...[...Array(managers).keys()].map((at) => {
        const manager = this.#steps.managers.at(state[1 + at] as number)
        const epoch = manager.term === null ? '' : ` epoch ${manager.term.epoch}`
        return `manager ${at + 1} is ${this.#managers.stateOf(manager)}${epoch}`
      }),
      ...workers.map(({ worker, generation }, at) => {
        const run = state[this.#firstWorker + at * ofWorker] as number
        return `${worker}.${generation} is ${this.#traits.tellRun(run)}`
      }),
    ]
  }

  #ofManagers(state: State, walk: Walk): void {
    const { managers, workers } = this.#options
    const log = state[0] as number
    const { epoch } = this.#folds.view(log)
    let over = 0
    for (let worker = 0; worker < workers.length; worker += 1) {
      const at = this.#firstWorker + worker * ofWorker
      this.#voices[worker] = state[at + 1] as number
      if (this.#isUnfenced || this.#traits.run(state[at] as number).isLeaseOver) over |= 1 << worker
    }
    for (let manager = 0; manager < managers; manager += 1) {
      const id = state[1 + manager] as number
      this.#takeAll(state, walk, manager, 0, this.#steps.atLog(id, log))
      const { term } = this.#steps.managers.at(id)
      if (term === null) continue
      const isInOffice = term.epoch === epoch
      const facts = state[this.#facts] as number
      this.#takeAll(state, walk, manager, 0, this.#steps.news(id, facts))
      this.#takeAll(state, walk, manager, 0, this.#steps.looking(id, over, this.#voices))
      this.#takeAll(
        state,
        walk,
        manager,
        0,
        this.#steps.commanded(id, state[this.#clients] as number, isInOffice),
      )
      for (let worker = 0; worker < workers.length; worker += 1)
        this.#takeAll(
          state,
          walk,
          manager,
          0,
          this.#steps.taking(id, this.#voices[worker] as number, worker, isInOffice),
        )
    }
  }

  /** Others write that a worker has ended: it is gone, it is taken for gone, or it has a successor. */
  #ending(state: State, walk: Walk, worker: number, facts: readonly number[]): void {
    const { worker: name, generation } = this.#options.workers[worker] as WorkerName
    const { life } = this.#traits.run(state[this.#firstWorker + worker * ofWorker] as number)
    if (life === 'unborn') return
    const write = (how: number, what: string, spends: number): void => {
      const left = state[this.#left] as number
      const after = spends === -1 ? left : this.#budgets.after(left, spends)
      if (after === -1) return
      const next = walk.begin()
      next[this.#left] = after
      next[this.#facts] = this.#steps.facts.id(facts.with(worker, how))
      walk.reach(this.actions.id(`others write that ${name}.${generation} has ${what}`))
    }
    write(1, 'crashed', life === 'up' ? budgetKinds.indexOf('departures') : -1)
    if (life === 'gone') write(2, 'exited', -1)
  }

  /** A later generation of a name is started when the one before it was written off. */
  #mayBe(state: State, worker: number): boolean {
    const before = this.#before[worker] as number
    if (before === -1) return true
    return this.#steps.facts.at(state[this.#facts] as number)[before] !== 0
  }

  #takeAll(state: State, walk: Walk, manager: number, worker: number, steps: readonly ShardStep[]): void {
    for (const step of steps) this.#take(state, walk, manager, worker, step)
  }

  #take(state: State, walk: Walk, manager: number, worker: number, step: ShardStep): void {
    const left = state[this.#left] as number
    const after = step.spends === -1 ? left : this.#budgets.after(left, step.spends)
    if (after === -1) return
    const next = walk.begin()
    next[this.#left] = after
    if (step.log !== -1) next[0] = step.log
    if (step.manager !== -1) next[1 + manager] = step.manager
    if (step.worker !== -1) this.#turn(next, worker, step)
    if (step.clients !== -1)
      next[this.#clients] =
        step.manager === -1
          ? step.clients
          : this.#steps.post.toldOf(state[this.#clients] as number, step.clients)
    const { mail, voids } = step
    for (let at = 0; at < mail.length; at += 2) this.#post(next, mail[at] as number, mail[at + 1] as number)
    for (let at = 0; at < voids.length; at += 2) {
      const to = this.#firstWorker + (voids[at] as number) * ofWorker + 2
      next[to] = this.#steps.post.withoutGrants(next[to] as number, voids[at + 1] as number)
    }
    walk.reach(step.word, step.broken)
  }

  #turn(next: Int32Array, worker: number, step: ShardStep): void {
    const at = this.#firstWorker + worker * ofWorker
    next[at] = step.worker
    next[at + 1] = this.#steps.post.spoken(next[at + 1] as number, step.utters)
    // What is under way to a worker that is gone means nothing.
    if (this.#traits.run(step.worker).life !== 'up') next[at + 2] = 0
  }

  #post(next: Int32Array, worker: number, message: number): void {
    const at = this.#firstWorker + worker * ofWorker
    const later = this.#isByName ? this.#before.indexOf(worker) : -1
    if (later !== -1) this.#post(next, later, message)
    const { life } = this.#traits.run(next[at] as number)
    if (life !== 'up' && (life !== 'unborn' || !this.#isByName)) return
    next[at + 2] = this.#steps.post.mails.with(next[at + 2] as number, message)
  }
}
