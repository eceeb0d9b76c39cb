import { type TermGround, type TermParts, termParts } from '@covey/actors'
import type { LogEvent } from '@covey/protocol'
import type { FoldTable } from './fold-table.js'
import { environment, type Frame, membersOf, saidIn } from './leader-ground.js'
import type { Input, Said, WorkerName } from './mail.js'
import { placing, type SeatRecord, type Term, type TermTurn } from './term.js'
import { policy, workflowName } from './worker-table.js'

interface Item {
  readonly event: LogEvent
  readonly settle: Parameters<TermGround['propose']>[1]
}

interface Live {
  readonly parts: TermParts
  readonly items: Item[]
  /** So many of them go before all others. */
  firsts: number
  readonly barriers: (() => void)[]
  readonly frames: Frame[]
  over: number
  words: Extract<Input, { kind: 'look' }>['words']
}

const manager = { nodeId: 'manager', generation: 1, bootId: 'boot' }

/** The terms of leaders: production decisions, taken in every order. */
export class LeaderTable {
  readonly #folds: FoldTable
  readonly #names: readonly WorkerName[]
  readonly #slots: number
  readonly #tokensMax: number
  readonly #inputOf: (input: number) => Input

  constructor(options: {
    readonly folds: FoldTable
    readonly names: readonly WorkerName[]
    readonly slots: number
    readonly tokensMax: number
    readonly inputOf: (input: number) => Input
  }) {
    this.#folds = options.folds
    this.#names = options.names
    this.#slots = options.slots
    this.#tokensMax = options.tokensMax
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
    const { intake, crew, desk, outgoing, reconcile, place } = live.parts
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
        place()
    }
    outgoing.flush()
  }

  /** The term as it was when its last input had been taken. */
  #opened(term: Term): Live {
    const state = this.#folds.restore(term.fold)
    const around: Omit<Live, 'parts'> = {
      ...{ items: [], firsts: 0, barriers: [], frames: [], over: 0, words: [] },
    }
    const ground: TermGround = {
      env: environment(around),
      state,
      self: manager,
      members: membersOf(term.endings, this.#names),
      assigns: term.assigns && state.sequence < this.#tokensMax,
      propose: (event, settle) => {
        around.items.push({ event, settle })
        return true
      },
      proposeFirst: (event, settle) => {
        around.items.splice(around.firsts, 0, { event, settle })
        around.firsts += 1
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
    const live: Live = Object.assign(around, { parts: termParts(ground) })
    for (const seat of term.seats) this.#seat(live.parts, term.epoch, seat)
    live.parts.crew.routeAround()
    for (const input of term.inputs) this.#run(live, this.#inputOf(input))
    return live
  }

  #seat({ seats }: TermParts, epoch: number, record: SeatRecord): void {
    const { available, spent, opened, held, refused } = record
    const seat = seats.renew(
      {
        ...{
          ...this.#name(record.worker),
          streamEpoch: 1,
          epoch,
          opened,
          slots: this.#slots,
          state: 'ready',
        },
        ...{ credits: [...available], offers: [{ name: workflowName, policy }] },
        held: held.map((token) => ({ token, workflow: '' })),
      },
      { streamEpoch: 1, epoch },
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

  #saidIn({ frames, parts }: Live): Said[] {
    parts.outgoing.flush()
    return frames.splice(0).flatMap((frame) => saidIn(frame, this.#names))
  }

  #name(worker: number): WorkerName {
    return this.#names[worker] as WorkerName
  }

  #numberOf(worker: string, generation: number): number {
    return this.#names.findIndex((name) => name.worker === worker && name.generation === generation)
  }
}
