import { Interned } from '../interned.js'
import { PairMap } from '../pair-map.js'
import { ends, inputWord, submitOf } from './inputs.js'
import type { Input, WorkerName } from './mail.js'
import type { ManagerHappening } from './manager-happenings.js'
import { Post } from './post.js'
import type { ShardTables } from './shard-tables.js'
import { jobOf, placing } from './term.js'
import { Watches } from './watches.js'
import { noWays, type Ways, waysOf } from './ways.js'
import type { WorkerHappening } from './worker-happenings.js'
import type { WorkerRun } from './worker-turn.js'
import { budgetKinds, type Manager, nothing, type ShardStep, type Uttered } from './world.js'

type Steps = readonly ShardStep[]
const workersMost = 4

/** What may happen, looked up by the parts of a state that it depends on: each is worked out once, when they meet first. */
export class ShardSteps {
  readonly post = new Post()
  readonly managers = new Interned<Manager>()
  readonly runs = new Interned<WorkerRun>()
  readonly facts = new Interned<readonly number[]>()
  readonly inputs: Interned<Input>
  readonly #tables: ShardTables
  readonly #alone = new PairMap<Ways>()
  readonly #heard = new PairMap<Ways>()
  readonly #heardOne = new PairMap<Steps>()
  readonly #taken = new PairMap<Ways>()
  readonly #takenOne = new PairMap<Steps>()
  readonly #idle = new PairMap<number>()
  readonly #heardable = new PairMap<number>()
  readonly #atLog = new PairMap<Ways>()
  readonly #news = new PairMap<Ways>()
  readonly #looks = new PairMap<Ways>()
  readonly #watches: Watches
  readonly #commanded = new PairMap<Ways>()

  readonly #saysAtOnce: boolean

  constructor(tables: ShardTables, inputs: Interned<Input>, saysAtOnce: boolean) {
    this.#saysAtOnce = saysAtOnce
    this.#tables = tables
    this.inputs = inputs
    if (inputs.id({ kind: 'place' }) !== placing) throw new Error('placing is the first input')
    this.#watches = new Watches(tables, this)
    if (tables.names.length > workersMost) throw new Error(`at most ${workersMost} workers are told apart`)
  }

  /** What comes of a worker by itself; it may know that its end is written. */
  alone(run: number, worker: number, isEnded: boolean): Ways {
    const key = worker * 2 + (isEnded ? 1 : 0)
    return this.#ways(this.#alone, run, key, () => {
      const { worker: name, generation } = this.#name(worker)
      return this.#tables.workerHappenings
        .alone(this.runs.at(run), isEnded)
        .map((happening) =>
          this.#workerStep({ ...happening, word: `${name}.${generation} ${happening.word}` }, worker),
        )
        .filter(
          (step) => step.worker !== run || step.utters !== this.post.silence || step.broken !== undefined,
        )
    })
  }

  /** What comes of a worker and what is under way to it. */
  hearing(run: number, worker: number, mail: number): Ways {
    return this.#ways(this.#heard, run, mail * workersMost + worker, () =>
      this.post.mails.at(mail).flatMap((message) => this.#hearing(run, worker, message)),
    )
  }

  /** A leader that is deposed, without a batch that will never be in the log. */
  idle(manager: number, epoch: number): number {
    const known = this.#idle.get(manager, epoch)
    if (known !== undefined) return known
    const leader = this.managers.at(manager)
    const after = this.managers.id(this.#tables.managerHappenings.idle(leader, epoch))
    this.#idle.set(manager, epoch, after)
    return after
  }

  /** What is under way to a worker without what it will never heed: orders of an older epoch. */
  heardable(run: number, worker: number, mail: number): number {
    const known = this.#heardable.get(run, mail * workersMost + worker)
    if (known !== undefined) return known
    const { life } = this.runs.at(run)
    const floor = life === 'up' ? (this.#tables.workerTable.bookOf(this.runs.at(run))?.floor ?? 0) : 0
    const kept = this.post.mails.at(mail).filter((message) => {
      const found = this.post.messages.at(message)
      const { epoch } = found.kind === 'grant' ? found : found.command
      return epoch >= floor || this.#hearing(run, worker, message).length > 0
    })
    const after = this.post.mails.of(kept)
    this.#heardable.set(run, mail * workersMost + worker, after)
    return after
  }

  /** What comes of a manager and the log. */
  atLog(manager: number, log: number): Ways {
    return this.#ways(this.#atLog, manager, log, () =>
      this.#tables.managerHappenings
        .atLog(this.managers.at(manager), log)
        .map((happening) => this.#managerStep(happening)),
    )
  }

  /** What comes of a leader and what a worker has said. */
  taking(manager: number, voice: number, worker: number, isInOffice: boolean): Ways {
    const key = (voice * workersMost + worker) * 2 + (isInOffice ? 1 : 0)
    return this.#ways(this.#taken, manager, key, () => {
      const leader = this.managers.at(manager)
      if (!this.#tables.managerHappenings.mayTake(leader)) return []
      const { reports, renewal, stored } = this.post.voices.at(voice)
      const coming = [...this.post.sets.at(reports), ...this.post.sets.at(stored)]
      if (renewal !== -1) coming.push(renewal)
      return coming.flatMap((input) => this.#takingSteps(manager, input, isInOffice))
    })
  }

  /** What comes of a leader and what clients ask for. */
  commanded(manager: number, clients: number, isInOffice: boolean): Ways {
    return this.#ways(this.#commanded, manager, clients * 2 + (isInOffice ? 1 : 0), () => {
      const leader = this.managers.at(manager)
      if (!this.#tables.managerHappenings.mayTake(leader)) return []
      const { term } = leader
      const folded = new Map(
        term === null ? [] : this.#tables.folds.view(term.fold).workflows.map(({ id, state }) => [id, state]),
      )
      return this.post.clients.at(clients).orders.flatMap((order, number) => {
        const job = jobOf(number)
        const inputs: Input[] = []
        if (order.submit === 'asked') inputs.push({ kind: 'command', command: submitOf(number) })
        if (order.cancel === 'asked' || order.cancel === 'absent')
          inputs.push({ kind: 'command', command: { type: 'job.cancel', number, job, reason: 'wish' } })
        if (order.submit === 'told' && ends.has(folded.get(`${job}/main`) ?? ''))
          inputs.push({ kind: 'command', command: { type: 'result.get', number, workflow: `${job}/main` } })
        return inputs.flatMap((input) => this.#takingSteps(manager, this.inputs.id(input), isInOffice))
      })
    })
  }

  /** What comes of a leader and the ends of workers. */
  news(manager: number, facts: number): Ways {
    return this.#ways(this.#news, manager, facts, () =>
      this.#tables.managerHappenings
        .news(this.managers.at(manager), this.facts.at(facts))
        .map((happening) => this.#managerStep(happening))
        .filter((step) => step.manager !== manager),
    )
  }

  /** The leader looks at what it owes: these leases are over by now, and these words were left behind. */
  looking(manager: number, over: number, voices: readonly number[]): Ways {
    const key = this.#watches.keyOf(manager, over, voices)
    if (key === -1) return noWays
    return this.#ways(this.#looks, manager, key, () => this.#looksOf(manager, over, voices))
  }

  #looksOf(manager: number, over: number, voices: readonly number[]): Steps {
    const { look, voids, due } = this.#watches.lookOf(manager, over, voices)
    const timers = due.flatMap(({ input, spends }) =>
      this.#takingSteps(manager, input, true).map((step) => ({ ...step, spends })),
    )
    return [...this.#takingSteps(manager, look, true).map((step) => ({ ...step, voids })), ...timers]
  }

  #hearing(run: number, worker: number, message: number): Steps {
    return this.#known(this.#heardOne, run, message * workersMost + worker, () =>
      this.#tables.workerHappenings
        .hearing(this.runs.at(run), this.post.messages.at(message), this.#name(worker))
        .map((happening) => this.#workerStep(happening, worker))
        .filter(
          (step) => step.worker !== run || step.utters !== this.post.silence || step.broken !== undefined,
        ),
    )
  }

  #takingSteps(manager: number, input: number, isInOffice: boolean): Steps {
    return this.#known(this.#takenOne, manager, input * 2 + (isInOffice ? 1 : 0), () => {
      const word = inputWord(this.inputs.at(input), this.#tables.names)
      return this.#tables.managerHappenings
        .taking(this.managers.at(manager), input, word, isInOffice)
        .map((happening) => this.#managerStep(happening))
        .filter(
          (step) =>
            step.manager !== manager ||
            step.mail.length > 0 ||
            step.clients !== -1 ||
            step.broken !== undefined,
        )
    })
  }

  #workerStep({ word, spends, turn }: WorkerHappening, worker: number): ShardStep {
    const { workerTable, words } = this.#tables
    const from = worker
    const utters: Uttered = {
      reports: turn.reports.map(({ epoch, report }) =>
        this.inputs.id({ kind: 'report', from, epoch, report }),
      ),
      renewal: turn.renews
        ? this.inputs.id({
            ...{ kind: 'renewal', from },
            message: workerTable.renewal(turn.run, this.#name(worker)),
          })
        : -1,
      stored: turn.stores.map((report) => this.inputs.id({ kind: 'word', from, report })),
    }
    return {
      ...nothing,
      ...{ word: words.id(word), broken: turn.broken },
      ...{ spends: spends === undefined ? -1 : budgetKinds.indexOf(spends) },
      ...{ worker: this.runs.id(turn.run), utters: this.post.uttered.id(utters) },
    }
  }

  #managerStep({ word, broken, manager, log, said = [] }: ManagerHappening): ShardStep {
    const answers = said.filter(({ to }) => to === 'client')
    return {
      ...nothing,
      ...{ word: this.#tables.words.id(word), broken },
      ...{ manager: this.managers.id(manager), log: log ?? -1 },
      clients: answers.length === 0 ? -1 : this.post.answers.id(answers),
      mail: said.flatMap((one) => (one.to === 'client' ? [] : [one.to, this.post.messages.id(one.message)])),
    }
  }

  #known(map: PairMap<Steps>, one: number, other: number, work: () => Steps): Steps {
    const known = map.get(one, other)
    if (known !== undefined) return known
    const steps = work()
    map.set(one, other, steps)
    return steps
  }

  #ways(map: PairMap<Ways>, one: number, other: number, work: () => Steps): Ways {
    const known = map.get(one, other)
    if (known !== undefined) return known
    const ways = waysOf(this.post, one, work(), this.#saysAtOnce)
    map.set(one, other, ways)
    return ways
  }

  #name(worker: number): WorkerName {
    return this.#tables.names[worker] as WorkerName
  }
}
