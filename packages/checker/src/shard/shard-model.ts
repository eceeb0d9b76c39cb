import { BudgetTable } from '../budget-table.js'
import { Interned } from '../interned.js'
import type { Field, Model, State, Walk } from '../model.js'
import { Words } from '../words.js'
import { ClientSteps } from './client-steps.js'
import { FoldTable } from './fold-table.js'
import { LeaderTable } from './leader-table.js'
import type { Input, WorkerName } from './mail.js'
import { ManagerHappenings } from './manager-happenings.js'
import { opened } from './opening.js'
import { Settling } from './settling.js'
import { ShardPlaces, sortPart } from './shard-fields.js'
import type { ShardOptions } from './shard-options.js'
import { ShardSteps } from './shard-steps.js'
import { ShardTraits } from './shard-traits.js'
import { ShardWays } from './shard-ways.js'
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
  readonly #places: ShardPlaces
  readonly #ways: ShardWays
  readonly #settling: Settling
  readonly #isByName: boolean

  constructor(options: ShardOptions) {
    const { workers, managers, slots, tokensMax, epochsMax, inputsMax } = options
    this.#options = options
    this.#folds = new FoldTable(options.fold)
    const inputs = new Interned<Input>()
    const workerTable = new WorkerTable(options.workerMachine, options.attemptMachine, slots)
    const plants = new Set(options.plants)
    const without = new Set(options.without)
    // What is left out of a sound shard is left out because of these.
    if (plants.has('no fence') || plants.has('acts before the acknowledgement')) without.add('deposed')
    this.#isByName = plants.has('mail goes by name')
    const leaders = new LeaderTable({
      ...{ folds: this.#folds, names: workers, slots, tokensMax, plants },
      inputOf: (input) => inputs.at(input),
    })
    this.#managers = new ManagerHappenings({
      ...{ leadershipMachine: options.leadershipMachine, folds: this.#folds, leaders, inputs },
      ...{ epochsMax, inputsMax, batchesMax: options.batchesMax ?? 1 },
      plants,
    })
    this.#steps = new ShardSteps(
      {
        ...{ words: this.actions, names: workers, folds: this.#folds, workerTable },
        workerHappenings: new WorkerHappenings(workerTable),
        managerHappenings: this.#managers,
      },
      inputs,
      !without.has('speech'),
    )
    this.#asking = new ClientSteps(this.actions, this.#steps.post.clients)
    this.#traits = new ShardTraits(this.#steps, this.#folds, workerTable, tokensMax)
    this.#budgets = new BudgetTable(budgetKinds, options.budgets)
    this.#places = new ShardPlaces(workers, managers)
    this.fields = this.#places.fields
    const ground = { places: this.#places, steps: this.#steps, folds: this.#folds, traits: this.#traits }
    this.#ways = new ShardWays({ ...ground, names: workers, plants })
    this.#settling = new Settling({
      ...{ ...ground, ways: this.#ways, without },
      post: (state, worker, message) => this.#post(state, worker, message),
    })
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
    const { clients, facts, managers, workers } = this.#places
    for (const step of this.#asking.asking(state[clients] as number)) this.#take(state, walk, 0, step)
    for (let worker = 0; worker < workers; worker += 1) {
      this.#ways.ofWorker(state, worker, ({ steps }) => {
        for (const step of steps) this.#take(state, walk, worker, step)
      })
      this.#ending(state, walk, worker, this.#steps.facts.at(state[facts] as number))
    }
    for (let manager = 0; manager < managers; manager += 1)
      this.#ways.ofManager(state, manager, ({ steps }) => {
        for (const step of steps) this.#take(state, walk, manager, step)
      })
  }

  violation(state: State): string | undefined {
    return violationOf(this.#traits, state, this.#places)
  }

  /** All jobs have ended, all clients know, and nothing of it is left at a worker: or nobody is left to run it. */
  isQuiet(state: State): boolean {
    const log = this.#traits.log(state[0] as number)
    if (log.isSpent) return true
    let living = 0
    let settled = true
    for (let worker = 0; worker < this.#options.workers.length; worker += 1) {
      const { isBusy, life } = this.#traits.run(state[this.#places.run(worker)] as number)
      if (life === 'up' || (life === 'unborn' && this.#ways.mayBe(state, worker))) living += 1
      settled &&= !isBusy
    }
    if (living === 0) return true
    return settled && this.#traits.areTold(state[this.#places.clients] as number)
  }

  normalise(state: Int32Array): void {
    if (this.#options.without?.includes('names') === true) return
    // Nothing names a manager, so that two of them may change places.
    sortPart(state, 1, this.#places.clients)
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
        const run = state[this.#places.run(at)] as number
        return `${worker}.${generation} is ${this.#traits.tellRun(run)}`
      }),
    ]
  }

  /** Others write that a worker has ended: it is gone, it is taken for gone, or it has a successor. */
  #ending(state: State, walk: Walk, worker: number, facts: readonly number[]): void {
    if (facts[worker] !== 0 || !this.#ways.mayBe(state, worker)) return
    const { worker: name, generation } = this.#options.workers[worker] as WorkerName
    const { life } = this.#traits.run(state[this.#places.run(worker)] as number)
    if (life === 'unborn') return
    const write = (how: number, what: string, spends: number): void => {
      const left = state[this.#places.left] as number
      const after = spends === -1 ? left : this.#budgets.after(left, spends)
      if (after === -1) return
      const next = walk.begin()
      next[this.#places.left] = after
      next[this.#places.facts] = this.#steps.facts.id(facts.with(worker, how))
      this.#settling.settle(next, state)
      walk.reach(this.actions.id(`others write that ${name}.${generation} has ${what}`))
    }
    write(1, 'crashed', life === 'up' ? budgetKinds.indexOf('departures') : -1)
    if (life === 'gone') write(2, 'exited', -1)
  }

  /** Takes a step of one manager or worker. */
  #take(state: State, walk: Walk, who: number, step: ShardStep): void {
    const { log, firstManager, clients, left } = this.#places
    const after = step.spends === -1 ? state[left] : this.#budgets.after(state[left] as number, step.spends)
    if (after === undefined || after === -1) return
    const next = walk.begin()
    next[left] = after
    if (step.log !== -1) next[log] = step.log
    if (step.manager !== -1) next[firstManager + who] = step.manager
    if (step.worker !== -1) this.#turn(next, who, step)
    if (step.clients !== -1)
      next[clients] =
        step.manager === -1 ? step.clients : this.#steps.post.toldOf(state[clients] as number, step.clients)
    const { mail, voids } = step
    for (let at = 0; at < mail.length; at += 2) this.#post(next, mail[at] as number, mail[at + 1] as number)
    for (let at = 0; at < voids.length; at += 2) {
      const to = this.#places.mail(voids[at] as number)
      next[to] = this.#steps.post.withoutGrants(next[to] as number, voids[at + 1] as number)
    }
    this.#settling.settle(next, state)
    walk.reach(step.word, step.broken)
  }

  #turn(next: Int32Array, worker: number, step: ShardStep): void {
    const voice = this.#places.voice(worker)
    next[this.#places.run(worker)] = step.worker
    next[voice] = this.#steps.post.spoken(next[voice] as number, step.utters)
    // What is under way to a worker that is gone means nothing.
    if (this.#traits.run(step.worker).life !== 'up') next[this.#places.mail(worker)] = 0
  }

  #post(next: Int32Array, worker: number, message: number): void {
    const later = this.#isByName ? this.#ways.successor(worker) : -1
    if (later !== -1) this.#post(next, later, message)
    const { life } = this.#traits.run(next[this.#places.run(worker)] as number)
    if (life !== 'up' && (life !== 'unborn' || !this.#isByName)) return
    const at = this.#places.mail(worker)
    next[at] = this.#steps.post.mails.with(next[at] as number, message)
  }
}
