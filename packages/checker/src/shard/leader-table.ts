import { type TermGround, termParts } from '@covey/actors'
import type { LogEvent } from '@covey/protocol'
import type { FoldTable } from './fold-table.js'
import { environment, membersOf, saidIn } from './leader-ground.js'
import { type Live, nothingSent, send, takeInput } from './live-term.js'
import type { Input, Said, WorkerName } from './mail.js'
import { openSeat, seatsIn } from './seat-records.js'
import { gathered, isAtRest, placing, type SeatRecord, type Term, type TermTurn } from './term.js'
import type { Plant } from './world.js'

const resting = { inputs: [], isLanded: false, later: [], before: null }
const manager = { nodeId: 'manager', generation: 1, bootId: 'boot' }

const withInput = (term: Term, input: number): Term =>
  term.isLanded ? { ...term, later: [...term.later, input] } : { ...term, inputs: [...term.inputs, input] }

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
    return { fold, epoch, seats: [], endings, assigns: false, ...resting }
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
    this.#run(live, input)
    const isKept = live.items.length > before.items || live.barriers.length > before.barriers
    const said = this.#saidIn(live)
    if (isKept) return { term: withInput(term, input), said }
    // What came first is to be taken anew with the seats as they were.
    return { term: isAtRest(term) ? { ...term, seats: this.#seatsOf(live) } : term, said }
  }

  /** The term when it has looked whether it can assign something. */
  placed(term: Term): Term {
    const { given, workflows } = this.#folds.view(term.fold)
    const isFree = term.assigns && given < this.#tokensMax
    const isWrong = this.#plants.has('assigns what is cancelled')
    const waits = workflows.some(({ state }) => state === 'queued' || (isWrong && state === 'cancelling'))
    const hasCredits = !isAtRest(term) || term.seats.some(({ available }) => available.length > 0)
    if (!isFree || !waits || !hasCredits || gathered(term).at(-1) === placing) return term
    const live = this.#opened(term)
    const before = live.items.length
    this.#run(live, placing)
    return live.items.length > before ? withInput(term, placing) : term
  }

  /** Its batch is in the log for certain: it folds it, and acts. */
  commit(term: Term): TermTurn {
    const live = this.#opened(term)
    const { state, outgoing, crew, reconcile } = live.parts
    if (!term.isLanded) send(live)
    live.frames.length = 0
    const broken = this.#foldSent(live)
    if (!term.assigns) {
      crew.openAll()
      reconcile.look()
    }
    outgoing.flush()
    const fold = this.#folds.id(state)
    const { inputs, later } = term
    const after: Term =
      later.length > 0
        ? {
            ...term,
            fold,
            ...resting,
            inputs: later,
            before: { fold: term.fold, inputs, behind: later.length },
          }
        : { ...term, fold, ...resting, seats: this.#seatsOf(live), endings: live.endings, assigns: true }
    return { term: after, said: this.#saidIn(live), ...(broken === undefined ? {} : { broken }) }
  }

  /** The term without what is in no batch that is sent. */
  withoutGathered(term: Term): Term {
    if (term.isLanded) return { ...term, later: [] }
    if (term.before === null) return { ...term, inputs: [] }
    return this.commit({ ...term, ...resting, ...term.before, isLanded: true }).term
  }

  /** It reads that a generation of a worker has ended: its credits are void (S-E3). */
  hear(term: Term, worker: number, ending: number, input: number): Term {
    if (!isAtRest(term)) return withInput(term, input)
    const known = { ...term, endings: term.endings.with(worker, ending) }
    return { ...known, seats: term.seats.filter((seat) => seat.worker !== worker) }
  }

  /** How generations have ended, as far as it has read. */
  endingsOf(term: Term): readonly number[] {
    const endings = [...term.endings]
    for (const number of [...(term.before?.inputs ?? []), ...term.inputs, ...term.later]) {
      const input = this.#inputOf(number)
      if (input.kind === 'news') endings[input.worker] = input.ending
    }
    return endings
  }

  #foldSent(live: Live): string | undefined {
    const { state, follow } = live.parts
    const { items, barriers } = live.sent
    const told: (() => void)[] = []
    state.listeners.add(follow)
    const broken = this.#folds.apply(
      state,
      items.map(({ event }) => event),
      (index, applied) => {
        const settle = items[index]?.settle
        if (settle) told.push(() => settle(applied))
      },
    )
    for (const tell of told) tell()
    for (const barrier of barriers) barrier()
    live.sent = nothingSent
    return broken
  }

  #run(live: Live, input: number): void {
    takeInput(live, this.#inputOf(input), this.#names, this.#plants)
  }

  /** The term as it was when its last input had been taken. */
  #opened(term: Term): Live {
    const first = term.before ?? term
    const state = this.#folds.restore(first.fold)
    const around: Omit<Live, 'parts'> = {
      ...{ sent: nothingSent, items: [], firsts: 0, barriers: [], frames: [], over: 0, words: [] },
      endings: [...term.endings],
    }
    const tokensMax = this.#tokensMax
    const ground: TermGround = {
      env: environment(around),
      state,
      self: manager,
      members: membersOf(around.endings, this.#names),
      get assigns() {
        const isGiving = live.sent.items.some(({ event }) => event.type === 'workflow.assigned')
        return term.assigns && state.sequence + (isGiving ? 1 : 0) < tokensMax
      },
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
    for (const seat of term.seats)
      openSeat(live.parts.seats, seat, { ...this.#name(seat.worker), epoch: term.epoch, slots: this.#slots })
    live.parts.crew.routeAround()
    this.#runAll(live, first.inputs)
    if (term.before !== null) {
      send(live)
      // What came before it was acknowledged has found a state without it.
      this.#runAll(live, term.inputs.slice(0, term.before.behind))
      this.#foldSent(live)
      this.#runAll(live, term.inputs.slice(term.before.behind))
    }
    if (term.isLanded) send(live)
    this.#runAll(live, term.later)
    return live
  }

  #runAll(live: Live, inputs: readonly number[]): void {
    for (const input of inputs) this.#run(live, input)
  }

  #seatsOf({ parts }: Live): readonly SeatRecord[] {
    return seatsIn(parts.seats, (worker, generation) => this.#numberOf(worker, generation))
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
