import type { attemptMachine, leadershipMachine, workerMachine } from '@covey/machines'
import { BudgetTable } from '../budget-table.js'
import { Interned } from '../interned.js'
import type { Field, Model, State, Walk } from '../model.js'
import { PairMap } from '../pair-map.js'
import { Words } from '../words.js'
import { type FoldRules, FoldTable } from './fold-table.js'
import { LeaderTable } from './leader-table.js'
import type { Input, WorkerName } from './mail.js'
import { ManagerHappenings } from './manager-happenings.js'
import { ShardSteps } from './shard-steps.js'
import { ShardTraits } from './shard-traits.js'
import { WorkerHappenings } from './worker-happenings.js'
import { unborn, WorkerTable } from './worker-table.js'
import { type Budget, budgetKinds, newOrder, type Plant, type ShardStep } from './world.js'

/** What is modelled: one shard, its managers, workers and clients. */
export interface ShardOptions {
  readonly workerMachine: typeof workerMachine
  readonly attemptMachine: typeof attemptMachine
  readonly leadershipMachine: typeof leadershipMachine
  readonly fold: FoldRules
  /** A worker of generation 2 is started when the one of generation 1 has ended. */
  readonly workers: readonly WorkerName[]
  readonly slots: number
  readonly jobs: number
  readonly managers: number
  readonly epochsMax: number
  readonly tokensMax: number
  /** So many things a leader takes for one batch. */
  readonly inputsMax: number
  /** How often each may happen; `total` is how much of it in all. */
  readonly budgets: Partial<Record<Budget | 'total', number>>
  /** It begins when a manager leads, and knows the credits of the first worker of each name. */
  readonly isOpen?: boolean
  readonly plants?: readonly Plant[]
  /** Managers that differ by names only are told apart. */
  readonly without?: readonly 'names'[]
}

const ofWorker = 3

/**
 * One shard: its log, managers that claim and lead it, workers that run its work, and clients. Whatever is said may be
 * late, twice, out of order, or lost, for ever.
 */
export class ShardModel implements Model {
  readonly name = 'a shard'
  readonly actions = new Words()
  readonly fields: readonly Field[]
  readonly #options: ShardOptions
  readonly #folds: FoldTable
  readonly #steps: ShardSteps
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
      ...{ folds: this.#folds, names: workers, slots, tokensMax, plants },
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
    this.fields = [
      { name: 'log', bits: 14 },
      ...[...Array(managers).keys()].map((manager) => ({ name: `manager ${manager + 1}`, bits: 20 })),
      ...[
        { name: 'clients', bits: 8 },
        { name: 'facts', bits: 5 },
        { name: 'what may still happen', bits: 8 },
      ],
      ...workers.flatMap(({ worker }) => [
        { name: `${worker}`, bits: 14 },
        { name: `voice of ${worker}`, bits: 16 },
        { name: `mail to ${worker}`, bits: 16 },
      ]),
    ]
  }

  start(): readonly number[] {
    const { workers, managers, jobs } = this.#options
    const steps = this.#steps
    const follower = steps.managers.id(this.#managers.follower())
    const clients = { orders: Array(jobs).fill(newOrder), broken: '' }
    const silent = steps.voices.id({ reports: 0, renewal: -1, stored: 0 })
    const first = [
      this.#folds.start,
      ...Array(managers).fill(follower),
      ...[steps.clients.id(clients), steps.facts.id(workers.map(() => 0)), this.#budgets.start],
      ...workers.flatMap(() => [steps.runs.id(unborn), silent, 0]),
    ]
    return this.#options.isOpen === true ? this.#opened(first) : first
  }

  successors(state: State, walk: Walk): void {
    this.#ofManagers(state, walk)
    this.#takeAll(state, walk, 0, 0, this.#steps.asking(state[this.#clients] as number))
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
    const log = state[0] as number
    const clients = this.#traits.clientsBroken(state[this.#clients] as number, log)
    if (clients !== undefined) return clients
    let running = 0
    let ran = 0
    for (let at = this.#firstWorker; at < state.length; at += ofWorker) {
      const traits = this.#traits.run(state[at] as number)
      if (traits.broken !== undefined) return traits.broken
      if ((traits.running & running) !== 0) return rules.exclusive
      if ((traits.ran & ran) !== 0) return rules.once
      running |= traits.running
      ran |= traits.ran
      const known = this.#traits.log(log)
      if ((traits.running & known.ended) !== 0) return rules.final
      if (traits.newest > known.given) return rules.acknowledged
    }
    return undefined
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
    for (let end = this.#clients - 1; end > 1; end -= 1)
      for (let at = 1; at < end; at += 1) {
        const [one, other] = [state[at] as number, state[at + 1] as number]
        if (one <= other) continue
        state[at] = other
        state[at + 1] = one
      }
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

  /** The state when this has happened, from a first one. */
  #opened(first: readonly number[]): readonly number[] {
    const names = this.#options.workers
      .filter(({ generation }) => generation === 1)
      .map(({ worker, generation }) => `${worker}.${generation}`)
    const wanted = [
      ...['claims epoch 1', 'hears that it has won epoch 1', ...names.map((name) => `${name} starts`)],
      ...['has read the outbox', ...names.map((name) => `${name} hears: I lead now`)],
      ...names.map((name) => `takes: ${name} renews for epoch 1`),
    ]
    return wanted.reduce<readonly number[]>((state, text) => this.#afterStep(state, text), first)
  }

  #afterStep(state: readonly number[], text: string): readonly number[] {
    let next = new Int32Array(0)
    let found: Int32Array | undefined
    this.successors(Int32Array.from(state), {
      begin: () => {
        next = Int32Array.from(state)
        return next
      },
      reach: (action) => {
        if (this.actions.text(action).includes(text)) found ??= next
      },
    })
    if (found === undefined) throw new Error(`it does not happen that one ${text}`)
    return [...found]
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

  /** A later generation of a name is started only when the one before it has been written off. */
  #mayBe(state: State, worker: number): boolean {
    const before = this.#before[worker] as number
    if (before === -1) return true
    return this.#steps.facts.at(state[this.#facts] as number)[before] !== 0
  }

  #takeAll(state: State, walk: Walk, manager: number, worker: number, steps: readonly ShardStep[]): void {
    for (let at = 0; at < steps.length; at += 1)
      this.#take(state, walk, manager, worker, steps[at] as ShardStep)
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
          : this.#steps.toldOf(state[this.#clients] as number, step.clients)
    const { mail, voids } = step
    for (let at = 0; at < mail.length; at += 2) this.#post(next, mail[at] as number, mail[at + 1] as number)
    for (let at = 0; at < voids.length; at += 2) {
      const to = this.#firstWorker + (voids[at] as number) * ofWorker + 2
      next[to] = this.#steps.withoutGrants(next[to] as number, voids[at + 1] as number)
    }
    walk.reach(step.word, step.broken)
  }

  #turn(next: Int32Array, worker: number, step: ShardStep): void {
    const at = this.#firstWorker + worker * ofWorker
    next[at] = step.worker
    next[at + 1] = this.#steps.spoken(next[at + 1] as number, step.utters)
    // What is under way to a worker that is gone means nothing.
    if (this.#traits.run(step.worker).life !== 'up') next[at + 2] = 0
  }

  #post(next: Int32Array, worker: number, message: number): void {
    const at = this.#firstWorker + worker * ofWorker
    const later = this.#isByName ? this.#before.indexOf(worker) : -1
    if (later !== -1) this.#post(next, later, message)
    const { life } = this.#traits.run(next[at] as number)
    if (life !== 'up' && (life !== 'unborn' || !this.#isByName)) return
    next[at + 2] = this.#steps.mails.with(next[at + 2] as number, message)
  }
}

const rules = {
  exclusive: 'exclusive work runs in one place at a time (invariant 8)',
  once: 'a token runs at one worker only (invariants 1 and 2)',
  final: 'nothing runs of what has ended (invariants 3 and 4)',
  acknowledged: 'nothing runs under a token that the log has not given (invariants 2 and 12)',
}
