import { Interned } from '../interned.js'
import { NumberSets } from '../number-sets.js'
import { PairMap } from '../pair-map.js'
import type { Words } from '../words.js'
import type { FoldTable } from './fold-table.js'
import { jobOf, placing } from './leader-table.js'
import type { Input, Said, ToWorker, WorkerName } from './mail.js'
import type { ManagerHappening, ManagerHappenings } from './manager-happenings.js'
import type { WorkerHappening, WorkerHappenings } from './worker-happenings.js'
import { type WorkerRun, type WorkerTable, workflowName } from './worker-table.js'
import {
  budgetKinds,
  type Clients,
  type Manager,
  type ShardStep,
  told,
  type Uttered,
  type Voice,
} from './world.js'

type Steps = readonly ShardStep[]
const nothing: ShardStep = {
  ...{ word: -1, broken: undefined, spends: -1, log: -1, manager: -1, worker: -1, clients: -1, facts: -1 },
  ...{ utters: -1, mail: [], voids: [] },
}
const workersMost = 4

/** What the steps of a shard are worked out from. */
export interface ShardTables {
  readonly words: Words
  readonly names: readonly WorkerName[]
  readonly folds: FoldTable
  readonly workerTable: WorkerTable
  readonly workerHappenings: WorkerHappenings
  readonly managerHappenings: ManagerHappenings
  readonly inputsMax: number
}

/** What may happen, looked up by the parts of a state that it depends on: each is worked out once, when they meet first. */
export class ShardSteps {
  readonly managers = new Interned<Manager>()
  readonly runs = new Interned<WorkerRun>()
  readonly voices = new Interned<Voice>()
  readonly uttered = new Interned<Uttered>()
  readonly clients = new Interned<Clients>()
  readonly facts = new Interned<readonly number[]>()
  readonly messages = new Interned<ToWorker>()
  readonly mails = new NumberSets()
  readonly inputs: Interned<Input>
  readonly #sets = new NumberSets()
  readonly #tables: ShardTables
  readonly #answers = new Interned<readonly Said[]>()
  readonly #alone = new PairMap<Steps>()
  readonly #heard = new PairMap<Steps>()
  readonly #heardOne = new PairMap<Steps>()
  readonly #taken = new PairMap<Steps>()
  readonly #takenOne = new PairMap<Steps>()
  readonly #asked: Steps[] = []
  readonly #atLog = new PairMap<Steps>()
  readonly #news = new PairMap<Steps>()
  readonly #looks = new PairMap<Steps>()
  readonly #lookKeys = new PairMap<number>()
  readonly #watched: number[] = []
  readonly #commanded = new PairMap<Steps>()
  readonly #spoken = new PairMap<number>()
  readonly #told = new PairMap<number>()
  readonly #voided: number[][] = []
  readonly #silence = this.uttered.id({ reports: [], renewal: -1, stored: [] })

  constructor(tables: ShardTables, inputs: Interned<Input>) {
    this.#tables = tables
    this.inputs = inputs
    if (inputs.id({ kind: 'place' }) !== placing) throw new Error('placing is the first input')
    if (tables.names.length > workersMost) throw new Error(`at most ${workersMost} workers are told apart`)
  }

  /** What comes of a worker by itself; it may know that its end is written. */
  alone(run: number, worker: number, isEnded: boolean): Steps {
    const key = worker * 2 + (isEnded ? 1 : 0)
    return this.#known(this.#alone, run, key, () => {
      const { worker: name, generation } = this.#name(worker)
      return this.#tables.workerHappenings
        .alone(this.runs.at(run), isEnded)
        .map((happening) =>
          this.#workerStep({ ...happening, word: `${name}.${generation} ${happening.word}` }, worker),
        )
        .filter((step) => step.worker !== run || step.utters !== this.#silence || step.broken !== undefined)
    })
  }

  /** What comes of a worker and what is under way to it. */
  hearing(run: number, worker: number, mail: number): Steps {
    return this.#known(this.#heard, run, mail * workersMost + worker, () =>
      this.mails.at(mail).flatMap((message) => this.#hearing(run, worker, message)),
    )
  }

  /** What comes of a manager and the log. */
  atLog(manager: number, log: number): Steps {
    return this.#known(this.#atLog, manager, log, () =>
      this.#tables.managerHappenings
        .atLog(this.managers.at(manager), log)
        .map((happening) => this.#managerStep(happening)),
    )
  }

  /** What comes of a leader and what a worker has said. */
  taking(manager: number, voice: number, worker: number, isInOffice: boolean): Steps {
    const key = (voice * workersMost + worker) * 2 + (isInOffice ? 1 : 0)
    return this.#known(this.#taken, manager, key, () => {
      const leader = this.managers.at(manager)
      if (!this.#mayTake(leader)) return []
      const { reports, renewal, stored } = this.voices.at(voice)
      const coming = [...this.#sets.at(reports), ...this.#sets.at(stored)]
      if (renewal !== -1) coming.push(renewal)
      return coming.flatMap((input) => this.#takingSteps(manager, input, isInOffice))
    })
  }

  /** What comes of a leader and what clients ask for. */
  commanded(manager: number, clients: number, isInOffice: boolean): Steps {
    return this.#known(this.#commanded, manager, clients * 2 + (isInOffice ? 1 : 0), () => {
      const leader = this.managers.at(manager)
      if (!this.#mayTake(leader)) return []
      const { term } = leader
      const folded = new Map(
        term === null ? [] : this.#tables.folds.view(term.fold).workflows.map(({ id, state }) => [id, state]),
      )
      return this.clients.at(clients).orders.flatMap((order, number) => {
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

  /** What clients do by themselves. */
  asking(clients: number): Steps {
    return (this.#asked[clients] ??= this.#asking(clients))
  }

  #asking(clients: number): Steps {
    const { orders, broken } = this.clients.at(clients)
    return orders.flatMap((order, number) => {
      const next = (word: string, change: Partial<typeof order>, spends = -1): ShardStep => ({
        ...nothing,
        ...{ word: this.#tables.words.id(word), spends },
        clients: this.clients.id({ broken, orders: orders.with(number, { ...order, ...change }) }),
      })
      return [
        ...(order.submit === 'not yet' ? [next(`a client submits ${jobOf(number)}`, { submit: 'asked' })] : []),
        ...(order.cancel === 'not yet' && order.submit !== 'not yet'
          ? [next(`somebody cancels ${jobOf(number)}`, { cancel: 'asked' }, budgetKinds.indexOf('cancels'))]
          : []),
      ]
    })
  }

  /** What comes of a leader and the ends of workers. */
  news(manager: number, facts: number): Steps {
    return this.#known(this.#news, manager, facts, () =>
      this.#tables.managerHappenings
        .news(this.managers.at(manager), this.facts.at(facts))
        .map((happening) => this.#managerStep(happening))
        .filter((step) => step.manager !== manager),
    )
  }

  /** The leader looks at what it owes: these leases are over by now, and these words were left behind. */
  looking(manager: number, over: number, voices: readonly number[]): Steps {
    const watched = (this.#watched[manager] ??= this.#watchedBy(this.managers.at(manager)))
    if (watched === -1) return none
    let key = over & watched
    for (let worker = 0; worker < voices.length; worker += 1) {
      if ((watched & (1 << worker)) === 0) continue
      const { stored } = this.voices.at(voices[worker] as number)
      const before = key
      key = this.#lookKeys.get(before, stored) ?? -1
      if (key !== -1) continue
      key = 2 ** workersMost + this.#lookKeys.size
      this.#lookKeys.set(before, stored, key)
    }
    return this.#known(this.#looks, manager, key, () => this.#looksOf(manager, over & watched, watched, voices))
  }

  /** The voice of a worker that has said more. */
  spoken(voice: number, utters: number): number {
    const known = this.#spoken.get(voice, utters)
    if (known !== undefined) return known
    const { reports, renewal, stored } = this.voices.at(voice)
    const more = this.uttered.at(utters)
    const next = this.voices.id({
      reports: more.reports.reduce((set, report) => this.#sets.with(set, report), reports),
      renewal: more.renewal === -1 ? renewal : more.renewal,
      stored: more.stored.reduce((set, word) => this.#sets.with(set, word), stored),
    })
    this.#spoken.set(voice, utters, next)
    return next
  }

  /** The mail to a worker without grants of that epoch and older. */
  withoutGrants(mail: number, epoch: number): number {
    const known = this.#voided[mail]?.[epoch]
    if (known !== undefined) return known
    const kept = this.mails.at(mail).filter((message) => {
      const found = this.messages.at(message)
      return found.kind !== 'grant' || found.epoch > epoch
    })
    const next = this.mails.of(kept)
    this.#voided[mail] ??= []
    ;(this.#voided[mail] as number[])[epoch] = next
    return next
  }

  /** What clients know when they were told this. */
  toldOf(clients: number, answers: number): number {
    const known = this.#told.get(clients, answers)
    if (known !== undefined) return known
    const next = this.#answers
      .at(answers)
      .reduce((all, said) => (said.to === 'client' ? told(all, said.message) : all), this.clients.at(clients))
    const id = this.clients.id(next)
    this.#told.set(clients, answers, id)
    return id
  }

  /** The workers whose end a leader knows of: a bit for each; -1 where it may not look. */
  #watchedBy(leader: Manager): number {
    const { term } = leader
    if (term === null || !term.assigns || !this.#mayTake(leader)) return -1
    const { ended } = this.#tables.folds.view(term.fold)
    return this.#tables.names.reduce((mask, { worker: name, generation }, worker) => {
      const isOver = term.endings[worker] !== 0 || (ended.get(name) ?? 0) >= generation
      return isOver ? mask | (1 << worker) : mask
    }, 0)
  }

  #looksOf(manager: number, over: number, watched: number, voices: readonly number[]): Steps {
    const { term } = this.managers.at(manager)
    if (term === null) return none
    const words = voices.flatMap((voice, worker) =>
      (watched & (1 << worker)) === 0
        ? []
        : this.#sets.at(this.voices.at(voice).stored).flatMap((input) => {
            const word = this.inputs.at(input)
            return word.kind === 'word' ? [{ from: word.from, report: word.report }] : []
          }),
    )
    const look = this.inputs.id({ kind: 'look', over, words })
    const voids = voices.flatMap((_, worker) => ((over & (1 << worker)) === 0 ? [] : [worker, term.epoch]))
    const timers = this.#tables.folds.view(term.fold).workflows.flatMap(({ id, state, armedAt }) =>
      armedAt === null
        ? []
        : this.#takingSteps(manager, this.inputs.id({ kind: 'due', workflow: id, armedAt }), true).map(
            (step) => ({ ...step, spends: state === 'backingOff' ? -1 : budgetKinds.indexOf('timeouts') }),
          ),
    )
    return [...this.#takingSteps(manager, look, true).map((step) => ({ ...step, voids })), ...timers]
  }

  #mayTake({ term }: Manager): boolean {
    if (term === null || term.isLanded) return false
    return term.inputs.filter((input) => input !== placing).length < this.#tables.inputsMax
  }

  #hearing(run: number, worker: number, message: number): Steps {
    return this.#known(this.#heardOne, run, message * workersMost + worker, () =>
      this.#tables.workerHappenings
        .hearing(this.runs.at(run), this.messages.at(message), this.#name(worker))
        .map((happening) => this.#workerStep(happening, worker))
        .filter((step) => step.worker !== run || step.utters !== this.#silence || step.broken !== undefined),
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
      reports: turn.reports.map(({ epoch, report }) => this.inputs.id({ kind: 'report', from, epoch, report })),
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
      ...{ worker: this.runs.id(turn.run), utters: this.uttered.id(utters) },
    }
  }

  #managerStep({ word, broken, manager, log, said = [] }: ManagerHappening): ShardStep {
    const answers = said.filter(({ to }) => to === 'client')
    return {
      ...nothing,
      ...{ word: this.#tables.words.id(word), broken },
      ...{ manager: this.managers.id(manager), log: log ?? -1 },
      clients: answers.length === 0 ? -1 : this.#answers.id(answers),
      mail: said.flatMap((one) => (one.to === 'client' ? [] : [one.to, this.messages.id(one.message)])),
    }
  }

  #known(map: PairMap<Steps>, one: number, other: number, work: () => Steps): Steps {
    const known = map.get(one, other)
    if (known !== undefined) return known
    const steps = work()
    map.set(one, other, steps)
    return steps
  }

  #name(worker: number): WorkerName {
    return this.#tables.names[worker] as WorkerName
  }
}

const none: Steps = []
const ends = new Set(['completed', 'failed', 'cancelled'])

const submitOf = (number: number): Extract<Input, { kind: 'command' }>['command'] => ({
  ...{ type: 'job.submit', number, job: jobOf(number), digest: 'content', chunk: { index: 0, count: 1 } },
  workflows: [{ step: 'main', name: workflowName, input: new Uint8Array(0), after: [] }],
})

function inputWord(input: Input, names: readonly WorkerName[]): string {
  const name = (worker: number): string => `${names[worker]?.worker}.${names[worker]?.generation}`
  switch (input.kind) {
    case 'report':
      return `${name(input.from)} says that ${input.report.token} is ${input.report.kind}`
    case 'word':
      return `the outbox says that ${input.report.token} is ${input.report.kind}`
    case 'renewal': {
      const { credits, held, epoch, opened } = input.message
      const list = held.map(({ token }) => token).join() || 'nothing'
      const gives = opened ? `credits ${credits.join() || 'none'}` : 'no credits'
      return `${name(input.from)} renews for epoch ${epoch}: it holds ${list} and gives ${gives}`
    }
    case 'command':
      return `${input.command.type} of ${jobOf(input.command.number)}`
    case 'look':
      return 'a look at what it owes'
    case 'due':
      return `the time of ${input.workflow} is over`
    default:
      return 'a look at who may run what'
  }
}
