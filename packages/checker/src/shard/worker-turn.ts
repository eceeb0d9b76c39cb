import type {
  AttemptEvent,
  AttemptWord,
  attemptMachine,
  Decided,
  WorkerEvent,
  workerMachine,
} from '@covey/machines'
import type { Dispatch, ExtensionAnswer, Report, TokenText } from '@covey/protocol'
import type { MachineTable } from '../machine-table.js'
import { AskedTime, noTime, type TimeRecord } from './asked-time.js'

/** One attempt at a worker, and whether its code has not returned. */
export interface Attempt {
  readonly token: TokenText
  readonly workflow: string
  readonly machine: number
  readonly runs: boolean
  readonly time: TimeRecord
}

/** One generation of a worker: its chart, its attempts, and the tokens that its code has ever run under. */
export interface WorkerRun {
  readonly life: 'unborn' | 'up' | 'ending' | 'gone'
  readonly machine: number
  readonly attempts: readonly Attempt[]
  readonly ran: readonly TokenText[]
}

/** What a worker does in one turn, and what it says. */
export interface WorkerTurn {
  readonly run: WorkerRun
  readonly reports: readonly { readonly epoch: number; readonly report: Report }[]
  readonly renews: boolean
  /** Words that it writes to the outbox. */
  readonly stores: readonly Report[]
  readonly broken?: string
}

/** The time at which everything happens. */
export const atFirst = { monotonicMs: 0, wallMs: 0 }

export type WorkerDeeds = readonly Partial<Decided>[]
export type AttemptDeed =
  | { readonly kind: 'free' }
  /** Its code is told to stop. */
  | { readonly kind: 'abort' }
  | { readonly kind: 'say'; readonly word: Report }
  | { readonly kind: 'store'; readonly word: Report }

const ranTwice = 'no token runs twice (invariants 1 and 2)'
const keeps = 'of who asked for more time nothing is kept once its code has returned (S-C5)'

/** One turn of a worker's event loop, under way: what follows from what, until nothing does. */
export class OpenTurn {
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
  /** Made when somebody asks, has asked, or is answered. */
  #asked: AskedTime | undefined

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

  /** Its function reports progress. */
  progress(token: TokenText): void {
    const attempt = this.#held.get(token)
    if (attempt === undefined) return
    const { time } = attempt
    this.#held.set(token, { ...attempt, time: { ...time, progress: time.progress + 1 } })
  }

  /** Its function asks for more time; what it has asked for already is said again. */
  ask(token: TokenText): void {
    const attempt = this.#held.get(token)
    if (attempt === undefined) return
    const { time } = attempt
    const say = (word: AttemptWord): void => void this.#words.set(`${token} extend`, { ...word, credits: [] })
    if (time.asksWith >= 0) new AskedTime([attempt]).askAgain(say)
    else {
      this.#asks.ask(attempt, time.progress, say)
      this.#held.set(token, { ...attempt, time: { ...time, asksWith: time.progress } })
    }
  }

  /** Its code has returned. */
  endCode(token: TokenText): void {
    if (this.#held.get(token)?.time !== noTime) this.#asks.end(token)
  }

  end(): WorkerTurn {
    if (this.#words.size > 0) {
      const words = [...this.#words.values()].map((word) => ({ shard: 0, word }))
      this.tell({ type: 'words.spoken', words, now: atFirst })
    }
    this.tell({ type: 'turn.ended', now: atFirst })
    this.#closeAsks()
    const attempts = [...this.#held.values()].sort((one, other) => (one.token < other.token ? -1 : 1))
    const run = { ...this.#run, attempts, ran: [...this.#ran].sort() }
    const turn = { run, reports: this.#reports, renews: this.#renews, stores: this.#stores }
    return this.#broken === undefined ? turn : { ...turn, broken: this.#broken }
  }

  get #asks(): AskedTime {
    this.#asked ??= new AskedTime([...this.#held.values()].filter(({ runs }) => runs))
    return this.#asked
  }

  #closeAsks(): void {
    const asking = [...this.#held.values()].filter(({ time }) => time !== noTime)
    if (asking.length === 0) return
    if (this.#asks.size > asking.filter(({ runs }) => runs).length) this.#broken = keeps
    for (const attempt of asking)
      this.#held.set(attempt.token, {
        ...attempt,
        time: attempt.runs ? this.#asks.recordOf(attempt) : noTime,
      })
  }

  #extend(answer: ExtensionAnswer): void {
    const ms = this.#asks.answer(answer)
    if (ms > 0) this.tellAttempt(answer.token, this.#event({ type: 'attempt.extended', ms }))
  }

  #carryOut({ settled, stops, starts, asked, extended, reports, renewals }: Partial<Decided>): void {
    for (const { token } of settled ?? []) this.tellAttempt(token, this.#event({ type: 'word.logged' }))
    for (const { token, cause, reason } of stops ?? [])
      this.tellAttempt(token, this.#event({ type: 'attempt.stop', cause, reason }))
    for (const { dispatch } of starts ?? []) this.#start(dispatch)
    for (const { answer } of extended ?? []) this.#extend(answer)
    for (const { token } of asked ?? []) this.tellAttempt(token, this.#event({ type: 'attempt.ask' }))
    for (const { epoch, report } of reports ?? []) this.#reports.push({ epoch, report })
    if ((renewals ?? []).length > 0) this.#renews = true
  }

  #start({ token, workflow, timeoutMs }: Dispatch): void {
    if (this.#ran.has(token)) this.#broken = ranTwice
    this.#ran.add(token)
    const { local } = this.#attempts.start({
      shard: 0,
      token,
      workflow,
      timeoutMs,
      chance: 0,
      isolated: false,
    })
    this.#held.set(token, { token, workflow, machine: local, runs: true, time: noTime })
    this.tellAttempt(token, this.#event({ type: 'code.started' }))
  }

  #do(token: TokenText, deed: AttemptDeed): void {
    if (deed.kind === 'say') this.#words.set(token, deed.word)
    else if (deed.kind === 'abort') this.#refuse(token)
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

  #refuse(token: TokenText): void {
    if (this.#held.get(token)?.time !== noTime) this.#asks.refuse(token)
  }

  #event(event: AttemptEvent): number {
    return this.#attempts.event(event)
  }
}
