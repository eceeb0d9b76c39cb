import {
  type Environment,
  type Member,
  type Members,
  type TermGround,
  type TermParts,
  termParts,
} from '@covey/actors'
import {
  type Answer,
  answersMessage,
  askMessage,
  CoveyError,
  cancelMessage,
  createSubjects,
  grantMessage,
  type LogEvent,
  runMessage,
  singleServerTimings,
} from '@covey/protocol'
import type { FoldTable } from './fold-table.js'
import type { Input, Said, ToClient, WorkerName } from './mail.js'
import { policy, workflowName } from './worker-table.js'
import type { Plant } from './world.js'

/** What a leader knows of a worker beside its log. */
interface SeatRecord {
  readonly worker: number
  readonly available: readonly number[]
  readonly spent: readonly number[]
  readonly opened: boolean
  readonly held: readonly string[]
  readonly refused: readonly string[]
}

/** How a generation of a worker has ended, as a manager has read it; 0 where it has not. */
export const endings = ['', 'crashed', 'exited', 'superseded'] as const

/** One term of a leader between two turns. */
export interface Term {
  /** What it has folded. */
  readonly fold: number
  readonly epoch: number
  readonly seats: readonly SeatRecord[]
  /** The endings of workers that it has read, by their number. */
  readonly endings: readonly number[]
  /** The outbox was read to its end. */
  readonly assigns: boolean
  /** What came since its last batch, in that order: its next one. */
  readonly inputs: readonly number[]
  /** The next batch is in the log, and it has not heard so. */
  readonly isLanded: boolean
}

/** What a leader does in one turn. */
export interface TermTurn {
  readonly term: Term
  readonly said: readonly Said[]
  readonly broken?: string
}

interface Item {
  readonly event: LogEvent
  readonly settle: Parameters<TermGround['propose']>[1]
}

interface Live {
  readonly parts: TermParts
  /** Made anew for each look where the mark on what is proposed is left out. */
  readonly unmarked: () => TermParts
  readonly items: Item[]
  readonly barriers: (() => void)[]
  readonly frames: { subject: string; data: Uint8Array }[]
  over: number
  words: Extract<Input, { kind: 'look' }>['words']
}

const subjects = createSubjects('checker')
/** The input to look whether something can be assigned: the first of all. */
export const placing = 0
const manager = { nodeId: 'manager', generation: 1, bootId: 'boot' }

/** The terms of leaders: production decisions, taken in every order. */
export class LeaderTable {
  readonly #folds: FoldTable
  readonly #names: readonly WorkerName[]
  readonly #slots: number
  readonly #tokensMax: number
  readonly #plants: ReadonlySet<Plant>
  readonly #inputOf: (input: number) => Input

  constructor(options: {
    readonly folds: FoldTable
    readonly names: readonly WorkerName[]
    readonly slots: number
    readonly tokensMax: number
    readonly plants: ReadonlySet<Plant>
    readonly inputOf: (input: number) => Input
  }) {
    this.#folds = options.folds
    this.#names = options.names
    this.#slots = options.slots
    this.#tokensMax = options.tokensMax
    this.#plants = options.plants
    this.#inputOf = options.inputOf
  }

  begin(fold: number): Term {
    const { epoch } = this.#folds.view(fold)
    const endings = this.#names.map(() => 0)
    return { fold, epoch, seats: [], endings, assigns: false, inputs: [], isLanded: false }
  }

  /** What the next batch is to hold. */
  batchOf(term: Term): readonly LogEvent[] {
    return this.#opened(term).items.map(({ event }) => event)
  }

  /** Takes something; where it proposes nothing and asks for no proof, nothing is left of it but what it has said. */
  take(term: Term, input: number): TermTurn {
    const live = this.#opened(term)
    const before = { items: live.items.length, barriers: live.barriers.length }
    live.frames.length = 0
    this.#run(live, this.#inputOf(input))
    const isKept = live.items.length > before.items || live.barriers.length > before.barriers
    const said = this.#saidIn(live)
    if (isKept) return { term: { ...term, inputs: [...term.inputs, input] }, said }
    // What came first is to be taken anew with the seats as they were.
    return { term: term.inputs.length > 0 ? term : { ...term, seats: this.#seatsOf(live) }, said }
  }

  /** The term when it has looked whether it can assign something. */
  placed(term: Term): Term {
    const { given, workflows } = this.#folds.view(term.fold)
    const isFree = term.assigns && !term.isLanded && given < this.#tokensMax
    const waits = workflows.some(({ state }) => state === 'queued')
    const hasCredits = term.inputs.length > 0 || term.seats.some(({ available }) => available.length > 0)
    if (!isFree || !waits || !hasCredits || term.inputs.at(-1) === placing) return term
    const live = this.#opened(term)
    const before = live.items.length
    this.#run(live, { kind: 'place' })
    return live.items.length > before ? { ...term, inputs: [...term.inputs, placing] } : term
  }

  /** Its batch is in the log for certain: it folds it, and acts. */
  commit(term: Term): TermTurn {
    const live = this.#opened(term)
    const { state, outgoing, follow, crew, reconcile } = live.parts
    live.frames.length = 0
    const told: (() => void)[] = []
    state.listeners.add(follow)
    const broken = this.#folds.apply(
      state,
      live.items.map(({ event }) => event),
      (index, applied) => {
        const settle = live.items[index]?.settle
        if (settle) told.push(() => settle(applied))
      },
    )
    for (const tell of told) tell()
    for (const barrier of live.barriers.splice(0)) barrier()
    if (!term.assigns) {
      crew.openAll()
      reconcile.look()
    }
    outgoing.flush()
    const next: Term = {
      ...{ ...term, fold: this.#folds.id(state), seats: this.#seatsOf(live) },
      ...{ assigns: true, inputs: [], isLanded: false },
    }
    return { term: next, said: this.#saidIn(live), ...(broken === undefined ? {} : { broken }) }
  }

  /** It reads that a generation of a worker has ended: its credits are void (S-E3). */
  hear(term: Term, worker: number, ending: number): Term {
    const known = { ...term, endings: term.endings.with(worker, ending) }
    return { ...known, seats: term.seats.filter((seat) => seat.worker !== worker) }
  }

  #run(live: Live, input: Input): void {
    const { intake, crew, desk, outgoing, reconcile } = live.parts
    switch (input.kind) {
      case 'report':
        intake.take({ ...this.#name(input.from), epoch: input.epoch, reports: [input.report] })
        break
      case 'word':
        intake.takeFromOutbox({ ...this.#name(input.from), report: input.report })
        break
      case 'renewal':
        crew.renew(input.message, `grant.${input.from}`)
        break
      case 'command':
        desk.take({ client: 'client', commands: [input.command] }, 'client')
        break
      case 'look':
        live.over = input.over
        live.words = input.words
        crew.routeAround()
        // What has no word at two looks is asked about: how long lies between them means nothing.
        reconcile.look()
        reconcile.look()
        break
      case 'due':
        live.items.push({
          event: { type: 'timer.due', workflow: input.workflow, armedAt: input.armedAt },
          settle: undefined,
        })
        break
      default:
        crew.routeAround()
        ;(this.#plants.has('proposes twice') ? live.unmarked() : live.parts).place()
    }
    outgoing.flush()
  }

  /** The term as it was when its last input had been taken. */
  #opened(term: Term): Live {
    const state = this.#folds.restore(term.fold)
    const around: Omit<Live, 'parts' | 'unmarked'> = { items: [], barriers: [], frames: [], over: 0, words: [] }
    const ground: TermGround = {
      env: environment(around),
      state,
      self: manager,
      members: this.#membersOf(term),
      assigns: term.assigns && state.sequence < this.#tokensMax,
      propose: (event, settle) => {
        around.items.push({ event, settle })
        return true
      },
      barrier: (callback) => around.barriers.push(callback),
      isLeaseOver: (worker, generation) => (live.over & (1 << this.#numberOf(worker, generation))) !== 0,
      takeWordsOf: ({ worker, generation }) => {
        for (const { from, report } of live.words)
          if (from === this.#numberOf(worker, generation))
            live.parts.intake.takeFromOutbox({ worker, generation, report })
      },
    }
    const made = (): TermParts => {
      const parts = termParts(ground)
      for (const seat of term.seats) this.#seat(parts, term.epoch, seat)
      parts.crew.routeAround()
      return parts
    }
    const live: Live = Object.assign(around, { parts: made(), unmarked: made })
    for (const input of term.inputs) this.#run(live, this.#inputOf(input))
    return live
  }

  #seat({ seats }: TermParts, epoch: number, record: SeatRecord): void {
    const { available, spent, opened, held, refused } = record
    const seat = seats.renew(
      {
        ...{ ...this.#name(record.worker), epoch, opened, slots: this.#slots, state: 'ready' },
        ...{ credits: [...available], offers: [{ name: workflowName, policy }] },
        held: held.map((token) => ({ token, workflow: '' })),
      },
      epoch,
    )
    for (const credit of spent) seat.spent.add(credit)
    for (const workflow of refused) seat.refused.add(workflow)
  }

  #seatsOf({ parts }: Live): readonly SeatRecord[] {
    return [...parts.seats.all()]
      .map(({ worker, generation, available, spent, opened, held, refused }) => ({
        worker: this.#numberOf(worker, generation),
        available: [...available].sort((one, other) => one - other),
        spent: [...spent].sort((one, other) => one - other),
        opened,
        held: [...held].sort(),
        refused: [...refused].sort(),
      }))
      .sort((one, other) => one.worker - other.worker)
  }

  #membersOf({ endings: known }: Term): Members {
    const endOf = (nodeId: string, generation: number) => {
      const how = endings[known[this.#numberOf(nodeId, generation)] ?? 0]
      return how ? { nodeId, generation, how, dirty: false } : undefined
    }
    const living = this.#names
      .filter(({ worker, generation }) => endOf(worker, generation) === undefined)
      .map(({ worker, generation }) => ({ nodeId: worker, generation, state: 'active', roles: ['worker'] }))
    return {
      all: () => living as unknown as readonly Member[],
      find: (nodeId) => living.find((member) => member.nodeId === nodeId) as unknown as Member | undefined,
      endOf,
      caughtUp: true,
      onNews: () => () => undefined,
    }
  }

  #saidIn({ frames, parts }: Live): Said[] {
    parts.outgoing.flush()
    return frames.splice(0).flatMap(({ subject, data }): Said[] => {
      if (subject === 'client')
        return answersMessage.decode(data).answers.flatMap((answer) => {
          const message = toClient(answer)
          return message ? [{ to: 'client', message }] : []
        })
      if (subject.startsWith('grant.'))
        return [
          { to: Number(subject.slice(6)), message: { kind: 'grant', epoch: grantMessage.decode(data).epoch } },
        ]
      for (const [to, { worker, generation }] of this.#names.entries()) {
        const isFor = (operation: 'run' | 'cancel' | 'ask'): boolean =>
          subject === subjects.node(worker, generation, operation)
        if (isFor('run')) return [{ to, message: { kind: 'run', command: runMessage.decode(data) } }]
        if (isFor('cancel')) return [{ to, message: { kind: 'cancel', command: cancelMessage.decode(data) } }]
        if (isFor('ask')) return [{ to, message: { kind: 'ask', command: askMessage.decode(data) } }]
      }
      throw new Error(`nobody hears ${subject}`)
    })
  }

  #name(worker: number): WorkerName {
    return this.#names[worker] as WorkerName
  }

  #numberOf(worker: string, generation: number): number {
    return this.#names.findIndex((name) => name.worker === worker && name.generation === generation)
  }
}

/** The job of a number, and the number of a job. */
export const jobOf = (number: number): string => `job${number}`

function toClient(answer: Answer): ToClient | undefined {
  switch (answer.type) {
    case 'submitted':
      return { kind: 'submitted', job: answer.number }
    case 'cancelled':
      return { kind: 'cancelled', job: answer.number, outcome: answer.outcomes[0]?.outcome ?? 'nothing' }
    case 'outcome':
      return answer.outcome.ended
        ? { kind: 'outcome', job: answer.number, state: answer.outcome.state }
        : undefined
    case 'error':
      // A cancel that came before its job, and in the log.
      if (answer.error.code === 'not_found')
        return { kind: 'cancelled', job: answer.number, outcome: 'not found' }
      throw new CoveyError(answer.error.code, answer.error.message)
    default:
      throw new Error(`nobody asked for ${answer.type}`)
  }
}

/** Everything around a leader: what it sends is kept, and no time passes. */
function environment({ frames }: Pick<Live, 'frames'>): Environment {
  const publish = (subject: string, data: Uint8Array): void => {
    frames.push({ subject, data })
  }
  return {
    subjects,
    timings: singleServerTimings,
    clock: { now: () => 0, setTimeout: (run: () => void) => run(), clearTimeout: () => undefined },
    random: { next: () => 0.5 },
    links: { control: { publish } },
    notice: ({ kind, ...more }: { kind: string }) => {
      throw new Error(`${kind}: ${JSON.stringify(more)}`)
    },
  } as unknown as Environment
}
