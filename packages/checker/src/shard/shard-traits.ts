import { type FoldTable, isEnd } from './fold-table.js'
import type { ShardSteps } from './shard-steps.js'
import { jobOf } from './term.js'
import type { WorkerTable } from './worker-table.js'
import type { WorkerRun } from './worker-turn.js'

/** What is asked of a worker in every state. */
interface RunTraits {
  readonly life: WorkerRun['life']
  /** Jobs whose code has not returned, and tokens that its code has run under: a bit for each. */
  readonly running: number
  readonly ran: number
  /** The newest of those tokens, by the batch that has given it. */
  readonly newest: number
  readonly isBusy: boolean
  /** Attempts that have asked for more time. */
  readonly times: readonly AskingAttempt[]
  /** By now it has stopped whatever ran under its lease (K7). */
  readonly isLeaseOver: boolean
  readonly broken: string | undefined
}

interface AskingAttempt {
  readonly token: string
  /** What it was given, as far as it knows, and how often it has asked for more at most. */
  readonly ms: number
  readonly asked: number
  /** How often its function has reported progress. */
  readonly progress: number
}

interface LogTraits {
  /** Jobs that have ended: a bit for each. */
  readonly ended: number
  readonly given: number
  /** There are no more tokens, and somebody waits for one. */
  readonly isSpent: boolean
}

const slotsHeld = 'a worker holds no more slots than it has (invariant 18)'
const jobNumber = (workflow: string): number =>
  Number(workflow.slice(jobOf(0).length - 1, workflow.indexOf('/')))
const clientRules = {
  submitted: 'a client is told that a job is there when the log has it',
  end: 'a client is told of an end when the log has it (invariant 7)',
  cancelled: 'who was told that it cancelled a job finds it cancelled (K39)',
  late: 'who was told that a cancel came late finds that it did (K39)',
}

const timeRules = {
  given: 'an attempt runs on for no more than the log has given it (H17)',
  progress: 'no more progress counts for an attempt than its function has reported (H17)',
  once: 'what an attempt asks for once it is given once (H17)',
}

/** What is asked of the parts of a state, each looked at once. */
export class ShardTraits {
  readonly #steps: ShardSteps
  readonly #folds: FoldTable
  readonly #table: WorkerTable
  readonly #tokensMax: number
  readonly #tokens = new Map<string, number>()
  readonly #runs: RunTraits[] = []
  readonly #logs: LogTraits[] = []
  readonly #clients: (string | null)[][] = []
  readonly #told: boolean[] = []

  constructor(steps: ShardSteps, folds: FoldTable, table: WorkerTable, tokensMax: number) {
    this.#steps = steps
    this.#folds = folds
    this.#table = table
    this.#tokensMax = tokensMax
  }

  run(run: number): RunTraits {
    this.#runs[run] ??= this.#runOf(this.#steps.runs.at(run))
    return this.#runs[run] as RunTraits
  }

  log(log: number): LogTraits {
    this.#logs[log] ??= this.#logOf(log)
    return this.#logs[log] as LogTraits
  }

  /** The rule that is broken by what clients were told, as the log is. */
  clientsBroken(clients: number, log: number): string | undefined {
    this.#clients[clients] ??= []
    const known = this.#clients[clients] as (string | null)[]
    const found = known[log]
    if (found !== undefined) return found ?? undefined
    const broken = this.#clientsBroken(clients, log)
    known[log] = broken ?? null
    return broken
  }

  /** The rule that is broken by what an attempt takes for its time, as the log is. */
  timeBroken({ times }: RunTraits, log: number): string | undefined {
    if (times.length === 0) return undefined
    const { workflows } = this.#folds.view(log)
    for (const { token, ms, asked, progress } of times) {
      const given = workflows.find((workflow) => workflow.token === token)?.given
      if (given === undefined) continue
      if (ms > (given?.ms ?? 0)) return timeRules.given
      if ((given?.count ?? 0) > asked) return timeRules.once
      if ((given?.progress ?? 0) > progress) return timeRules.progress
    }
    return undefined
  }

  /** Whether every client knows how its job ended. */
  areTold(clients: number): boolean {
    this.#told[clients] ??= this.#steps.post.clients.at(clients).orders.every(({ end }) => end !== '')
    return this.#told[clients] as boolean
  }

  tellLog(log: number): string {
    const { epoch, workflows, ended } = this.#folds.view(log)
    const rows = workflows.map(
      ({ id, state, token, worker, generation }) =>
        `${id} is ${state}${token === null ? '' : ` (${token} at ${worker}.${generation})`}`,
    )
    const ends = [...ended].map(([worker, generation]) => `${worker}.${generation} has ended`)
    return [`epoch ${epoch}`, ...rows, ...ends].join(', ')
  }

  tellRun(run: number): string {
    const record = this.#steps.runs.at(run)
    const attempts = record.attempts.map(
      (attempt) => `${attempt.token} is ${this.#table.attemptStateOf(attempt)}`,
    )
    return [this.#table.stateOf(record), ...attempts].join(', ')
  }

  #runOf(run: WorkerRun): RunTraits {
    const book = run.life === 'up' ? this.#table.bookOf(run) : undefined
    const active = run.attempts.filter(({ runs }) => runs)
    const isOver = run.life === 'up' ? book?.fenced === true : true
    return {
      life: run.life,
      running: active.reduce((mask, { workflow }) => mask | (1 << jobNumber(workflow)), 0),
      ran: run.ran.reduce((mask, token) => mask | (1 << this.#tokenNumber(token)), 0),
      newest: run.ran.reduce((most, token) => Math.max(most, Number(token.split('.')[2])), 0),
      isBusy: run.attempts.length > 0,
      times: run.attempts.flatMap((attempt) => {
        const { token, runs, time } = attempt
        const asked = time.given + (time.asksWith >= 0 ? 1 : 0)
        const ms = this.#table.extraMsOf(attempt)
        return runs && asked > 0 ? [{ token, ms, asked, progress: time.progress }] : []
      }),
      isLeaseOver: isOver && active.length === 0,
      broken: book && (book.held > book.quota || active.length > book.quota) ? slotsHeld : undefined,
    }
  }

  #logOf(log: number): LogTraits {
    const { workflows, given } = this.#folds.view(log)
    const ended = workflows.reduce(
      (mask, { id, state }) => (isEnd(state) ? mask | (1 << jobNumber(id)) : mask),
      0,
    )
    const waits = workflows.some(({ state }) => state === 'queued' || state === 'backingOff')
    return { ended, given, isSpent: given >= this.#tokensMax && waits }
  }

  #clientsBroken(clients: number, log: number): string | undefined {
    const { orders, broken } = this.#steps.post.clients.at(clients)
    if (broken !== '') return broken
    const { workflows } = this.#folds.view(log)
    for (const [number, { submit, cancel, end }] of orders.entries()) {
      const workflow = workflows.find(({ id }) => jobNumber(id) === number)
      if (submit === 'told' && workflow === undefined) return clientRules.submitted
      if (end !== '' && workflow?.state !== end) return clientRules.end
      if (cancel === 'told' && workflow?.isCancelled !== true) return clientRules.cancelled
      if (cancel === 'late' && (workflow === undefined || !isEnd(workflow.state))) return clientRules.late
    }
    return undefined
  }

  #tokenNumber(token: string): number {
    const known = this.#tokens.get(token)
    if (known !== undefined) return known
    const number = this.#tokens.size
    if (number > 30) throw new Error('more tokens than are told apart')
    this.#tokens.set(token, number)
    return number
  }
}
