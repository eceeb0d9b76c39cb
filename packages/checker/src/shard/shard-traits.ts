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
  /** By now it has stopped whatever ran under its lease (K7). */
  readonly isLeaseOver: boolean
  readonly broken: string | undefined
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
