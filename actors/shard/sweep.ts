import {
  type Answer,
  type CommandName,
  type CommandOf,
  type LogEventOf,
  limits,
  matcherOf,
} from '@covey/protocol'
import { type CancelledWorkflow, findSwept } from './answered-cancels.js'
import { isEnded, type JobRecord, type ShardState, stateOf, type WorkflowRecord } from './shard-state.js'
import type { Propose } from './term-log.js'

/** What a sweep is made with. */
export interface SweepOptions {
  readonly state: ShardState
  readonly proposeFirst: Propose
}

type Met = 'cancelled' | 'cancelling' | 'already'
type Order = LogEventOf<'cancel.requested'>

const metBy = ({ outcome }: CancelledWorkflow): Met => {
  if (outcome === 'PENDING_CANCELLED') return 'cancelled'
  return outcome === 'CANCELLED' ? 'cancelling' : 'already'
}

const isPast = (record: WorkflowRecord): boolean =>
  isEnded(stateOf(record)) || record.snapshot.context.stop?.cause === 'cancel'

/**
 * One cancel by filter. Which workflows fit is decided once, by the state that the leader has applied, and written as
 * cancels of jobs and of their steps: no fold has to know what a filter means, and batches bound it. A workflow that is
 * met twice, as a dependent of another, counts once. What it met is in the log before it is answered, and who repeats it hears
 * that: to decide it again would meet what was submitted since (K24).
 */
export class Sweep {
  readonly #options: SweepOptions
  readonly #command: CommandOf<'jobs.cancel'>
  readonly #by: CommandName
  readonly #met = new Map<string, Met>()
  readonly #orders: Order[] = []
  #jobs = 0
  #sequence = 0

  constructor(options: SweepOptions, command: CommandOf<'jobs.cancel'>, client: string) {
    this.#options = options
    this.#command = command
    this.#by = { client, number: command.number }
  }

  /** Proposes all that fits, and answers when all of it is in the log, and what it was. */
  run(give: (answer: Answer) => void): void {
    const { state, proposeFirst } = this.#options
    const known = findSwept(state, this.#by)
    if (known !== undefined) {
      give({ type: 'swept', number: this.#by.number, ...known })
      return
    }
    this.#decide(state)
    this.#sequence = state.sequence
    let left = this.#orders.length
    if (left === 0) this.#conclude(give)
    for (const order of this.#orders.splice(0)) {
      proposeFirst(order, (applied) => {
        this.#sequence = applied.place.sequence
        if (applied.kind === 'cancel') this.#note(applied.workflows)
        left -= 1
        if (left === 0) this.#conclude(give)
      })
    }
  }

  /** Also that there was nothing is said only after an append that came after the question (K23). */
  #conclude(give: (answer: Answer) => void): void {
    const { state, proposeFirst } = this.#options
    const counts = { jobs: this.#jobs, cancelled: 0, cancelling: 0, already: 0 }
    for (const met of this.#met.values()) counts[met] += 1
    proposeFirst({ type: 'cancel.swept', by: this.#by, sequence: this.#sequence, ...counts }, () => {
      const known = findSwept(state, this.#by)
      if (known !== undefined) give({ type: 'swept', number: this.#by.number, ...known })
    })
  }

  #decide({ jobs }: ShardState): void {
    const { filter } = this.#command
    const [fitsJob, fitsName] = [matcherOf(filter.job), matcherOf(filter.name)]
    const states = filter.state === undefined ? undefined : new Set<string>([filter.state].flat())
    const isWhole = filter.name === undefined && states === undefined
    const fits = (record: WorkflowRecord): boolean =>
      fitsName(record.name) && (states?.has(stateOf(record)) ?? true)
    for (const job of jobs.values()) {
      // What has ended is in none of the states that a filter can name.
      if (!fitsJob(job.id) || (states !== undefined && isEnded(job.snapshot.value))) continue
      if (isWhole) this.#decideWhole(job)
      else this.#decideSteps(job, fits)
    }
  }

  /** A job that is cancelled as a whole takes no more chunks either. */
  #decideWhole(job: JobRecord): void {
    this.#jobs += 1
    if (job.snapshot.value === 'running') this.#order(job)
    else for (const { id } of job.steps.values()) this.#met.set(id, 'already')
  }

  #decideSteps(job: JobRecord, fits: (record: WorkflowRecord) => boolean): void {
    const steps: string[] = []
    let isMet = false
    for (const record of job.steps.values()) {
      if (!fits(record)) continue
      isMet = true
      if (isPast(record)) this.#met.set(record.id, 'already')
      else steps.push(record.step)
    }
    if (isMet) this.#jobs += 1
    for (let index = 0; index < steps.length; index += limits.cancelledStepsMax) {
      this.#order(job, steps.slice(index, index + limits.cancelledStepsMax))
    }
  }

  #order({ id: job }: JobRecord, steps?: string[]): void {
    const order: Order = { type: 'cancel.requested', job, reason: this.#command.reason }
    if (steps !== undefined) order.steps = steps
    this.#orders.push(order)
  }

  #note(workflows: readonly CancelledWorkflow[]): void {
    for (const workflow of workflows)
      if (!this.#met.has(workflow.id)) this.#met.set(workflow.id, metBy(workflow))
  }
}
