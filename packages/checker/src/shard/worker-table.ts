import type { AttemptEvent, attemptMachine, Decided, WorkerEvent, workerMachine } from '@covey/machines'
import { listCredits, offerKey } from '@covey/machines'
import type { Dispatch, Policy, RenewMessage, Report, TokenText } from '@covey/protocol'
import { limits } from '@covey/protocol'
import { MachineTable } from '../machine-table.js'

type WithoutClock<Event> = Event extends unknown ? Omit<Event, 'now'> : never
/** An event of a worker, at a time that means nothing. */
export type WorkerNews = WithoutClock<WorkerEvent>

/** What is run, and how. */
export const policy: Policy = {
  ...{ version: '1', slots: 1, exclusive: true, timeoutMs: 1_000, attempts: 2 },
  ...{ backoffMs: 1, backoffFactor: 1, backoffMaxMs: 1 },
}
export const workflowName = 'work'

/** One attempt at a worker, and whether its code has not returned. */
interface Attempt {
  readonly token: TokenText
  readonly workflow: string
  readonly machine: number
  readonly runs: boolean
}

/** One generation of a worker: its chart, its attempts, and the tokens that its code has ever run under. */
export interface WorkerRun {
  readonly life: 'unborn' | 'up' | 'ending' | 'gone'
  readonly machine: number
  readonly attempts: readonly Attempt[]
  readonly ran: readonly TokenText[]
}

export const unborn: WorkerRun = { life: 'unborn', machine: 0, attempts: [], ran: [] }

/** What a worker does in one turn, and what it says. */
export interface WorkerTurn {
  readonly run: WorkerRun
  readonly reports: readonly { readonly epoch: number; readonly report: Report }[]
  readonly renews: boolean
  /** Words that it writes to the outbox. */
  readonly stores: readonly Report[]
  readonly broken?: string
}

const selfFenceMs = 1
const atFirst = { monotonicMs: 0, wallMs: 0 }
const leaseOver = { monotonicMs: selfFenceMs, wallMs: selfFenceMs }
const nothing: Decided = { starts: [], stops: [], asked: [], settled: [], reports: [], renewals: [] }

type WorkerDeeds = readonly Partial<Decided>[]
type AttemptDeed =
  | { readonly kind: 'free' }
  | { readonly kind: 'say'; readonly word: Report }
  | { readonly kind: 'store'; readonly word: Report }

const ranTwice = 'no token runs twice (invariants 1 and 2)'

/** The workers: production charts of worker and attempt, wired as their host wires them. */
export class WorkerTable {
  readonly #workers: MachineTable<typeof workerMachine, WorkerDeeds>
  readonly #attempts: MachineTable<typeof attemptMachine, readonly AttemptDeed[]>
  readonly #slots: number

  constructor(worker: typeof workerMachine, attempt: typeof attemptMachine, slots: number) {
    this.#slots = slots
    this.#workers = new MachineTable({
      machine: worker,
      // Leases count from a time that means nothing: that one is over is an event of its own.
      forget: (context) => ({
        ...{ ...context, decided: nothing, now: atFirst },
        books: context.books.map((book) => ({ ...book, leaseSince: atFirst, staleCommands: 0 })),
      }),
      plan: ({ effects }) => effects.map(decidedBy),
    })
    this.#attempts = new MachineTable({
      machine: attempt,
      // However often a word is said, the outbox may be next.
      forget: (context) => ({ ...context, reason: '', repeats: limits.reportRepeatsBeforeOutbox - 1 }),
      plan: ({ effects }) => effects.flatMap(deedOf),
    })
  }

  /** A worker of which others may know. */
  born(): WorkerTurn {
    const offered = new Map([[offerKey(workflowName, policy.version), policy.slots]])
    const { local } = this.#workers.start({ quotas: [this.#slots], offered, selfFenceMs, now: atFirst })
    return this.tell({ ...unborn, life: 'up', machine: local }, { type: 'worker.activate' })
  }

  tell(run: WorkerRun, news: WorkerNews, isLeaseOver = false): WorkerTurn {
    const turn = new Turn(this.#workers, this.#attempts, run)
    turn.tell({ ...news, now: isLeaseOver ? leaseOver : atFirst } as WorkerEvent)
    return turn.end()
  }

  /** Tells one attempt; that its word is in the outbox it may never hear. */
  tellAttempt(run: WorkerRun, token: TokenText, event: AttemptEvent | 'repeat', hearsStored = true): WorkerTurn {
    const turn = new Turn(this.#workers, this.#attempts, run, hearsStored)
    if (event !== 'repeat') turn.tellAttempt(token, this.#attempts.event(event))
    else {
      const machine = run.attempts.find((attempt) => attempt.token === token)?.machine ?? 0
      for (const ring of this.#attempts.rings(machine))
        if (this.#attempts.text(ring).includes('repeatMs')) turn.tellAttempt(token, ring)
    }
    return turn.end()
  }

  /** Whether the ending word of an attempt is said again and again. */
  isReporting({ machine }: Attempt): boolean {
    return this.#attempts.view(machine).value === 'reporting'
  }

  bookOf(run: WorkerRun) {
    return this.#workers.view(run.machine).context.books[0]
  }

  stateOf(run: WorkerRun): string {
    return run.life === 'up' ? this.#workers.view(run.machine).value : run.life
  }

  attemptStateOf({ machine }: Attempt): string {
    return this.#attempts.view(machine).value
  }

  /** What its renewal says now. */
  renewal(run: WorkerRun, name: { readonly worker: string; readonly generation: number }): RenewMessage {
    const book = this.bookOf(run)
    if (book === undefined) throw new Error('a worker without a book')
    const { floor, opened, quota, outstanding, attempts } = book
    return {
      ...name,
      ...{ epoch: floor, opened, slots: quota, state: this.stateOf(run), credits: listCredits(outstanding) },
      held: [...attempts].map(([token, { workflow }]) => ({ token, workflow })),
      offers: [{ name: workflowName, policy }],
    }
  }
}

/** Each effect is told all that was decided, and carries out its own part. */
function decidedBy({ type, params }: { readonly type: string; readonly params: object }): Partial<Decided> {
  const { settled = [], stops = [], starts = [], asked = [], reports = [], renewals = [] } = params as Decided
  switch (type) {
    case 'attempt.settle':
      return { settled }
    case 'attempt.stop':
      return { stops }
    case 'attempt.start':
      return { starts }
    case 'attempt.ask':
      return { asked }
    case 'report.send':
      return { reports }
    case 'lease.renew':
      return { renewals }
    default:
      return {}
  }
}

function deedOf(effect: { readonly type: string; readonly params: unknown }): AttemptDeed[] {
  const { word } = effect.params as { readonly word?: Report }
  switch (effect.type) {
    case 'slot.free':
      return [{ kind: 'free' }]
    case 'word.say':
      return word ? [{ kind: 'say', word }] : []
    case 'word.store':
      return word ? [{ kind: 'store', word }] : []
    default:
      return []
  }
}

/** One turn of a worker's event loop: what follows from what, until nothing does. */
class Turn {
  readonly #workers: MachineTable<typeof workerMachine, WorkerDeeds>
  readonly #attempts: MachineTable<typeof attemptMachine, readonly AttemptDeed[]>
  readonly #held: Map<TokenText, Attempt>
  readonly #ran: Set<TokenText>
  readonly #hearsStored: boolean
  readonly #reports: { epoch: number; report: Report }[] = []
  readonly #stores: Report[] = []
  readonly #words = new Map<TokenText, Report>()
  #run: WorkerRun
  #renews = false
  #broken: string | undefined

  constructor(
    workers: MachineTable<typeof workerMachine, WorkerDeeds>,
    attempts: MachineTable<typeof attemptMachine, readonly AttemptDeed[]>,
    run: WorkerRun,
    hearsStored = true,
  ) {
    this.#workers = workers
    this.#attempts = attempts
    this.#run = run
    this.#hearsStored = hearsStored
    this.#held = new Map(run.attempts.map((attempt) => [attempt.token, attempt]))
    this.#ran = new Set(run.ran)
  }

  tell(event: WorkerEvent): void {
    const { local, plan } = this.#workers.step(this.#run.machine, this.#workers.event(event))
    this.#run = { ...this.#run, machine: local }
    for (const decided of plan) this.#carryOut(decided)
  }

  tellAttempt(token: TokenText, event: number): void {
    const attempt = this.#held.get(token)
    if (attempt === undefined) return
    const { local, plan } = this.#attempts.step(attempt.machine, event)
    this.#keep(token, { ...attempt, machine: local })
    for (const deed of plan) this.#do(token, deed)
  }

  end(): WorkerTurn {
    if (this.#words.size > 0) {
      const words = [...this.#words.values()].map((word) => ({ shard: 0, word }))
      this.tell({ type: 'words.spoken', words, now: atFirst })
    }
    this.tell({ type: 'turn.ended', now: atFirst })
    const attempts = [...this.#held.values()].sort((one, other) => (one.token < other.token ? -1 : 1))
    const run = { ...this.#run, attempts, ran: [...this.#ran].sort() }
    const turn = { run, reports: this.#reports, renews: this.#renews, stores: this.#stores }
    return this.#broken === undefined ? turn : { ...turn, broken: this.#broken }
  }

  #carryOut({ settled, stops, starts, asked, reports, renewals }: Partial<Decided>): void {
    for (const { token } of settled ?? []) this.tellAttempt(token, this.#event({ type: 'word.logged' }))
    for (const { token, cause, reason } of stops ?? [])
      this.tellAttempt(token, this.#event({ type: 'attempt.stop', cause, reason }))
    for (const { dispatch } of starts ?? []) this.#start(dispatch)
    for (const { token } of asked ?? []) this.tellAttempt(token, this.#event({ type: 'attempt.ask' }))
    for (const { epoch, report } of reports ?? []) this.#reports.push({ epoch, report })
    if ((renewals ?? []).length > 0) this.#renews = true
  }

  #start({ token, workflow, timeoutMs }: Dispatch): void {
    if (this.#ran.has(token)) this.#broken = ranTwice
    this.#ran.add(token)
    const { local } = this.#attempts.start({ shard: 0, token, workflow, timeoutMs })
    this.#held.set(token, { token, workflow, machine: local, runs: true })
    this.tellAttempt(token, this.#event({ type: 'code.started' }))
  }

  #do(token: TokenText, deed: AttemptDeed): void {
    if (deed.kind === 'say') this.#words.set(token, deed.word)
    else if (deed.kind === 'free') this.tell({ type: 'word.stored', shard: 0, token, now: atFirst })
    else if (deed.kind === 'store') {
      this.#stores.push({ ...deed.word, credits: [] })
      if (this.#hearsStored) this.tellAttempt(token, this.#event({ type: 'word.stored' }))
    }
  }

  /** An attempt whose chart has ended is no more; its code has returned once its ending word is said. */
  #keep(token: TokenText, attempt: Attempt): void {
    const value = this.#attempts.view(attempt.machine).value
    if (value === 'done') this.#held.delete(token)
    else this.#held.set(token, { ...attempt, runs: attempt.runs && value !== 'reporting' })
  }

  #event(event: AttemptEvent): number {
    return this.#attempts.event(event)
  }
}
