import { type Answer, type CommandName, type CommandOf, type LogEventOf, limits } from '@covey/protocol'
import { answeredBy, type CancelAnswered, type CancelledWorkflow, findAnswered } from './answered-cancels.js'
import { answerAbsent } from './refusals.js'
import type { ShardState } from './shard-state.js'
import { Sweep } from './sweep.js'
import type { Propose } from './term-log.js'

/** What cancels are carried out with. */
export interface CancelsOptions {
  readonly state: ShardState
  /** Proposes what may not wait and is not refused. */
  readonly proposeFirst: Propose
  readonly barrier: (callback: () => void) => void
  /** Whether a submission of this job is proposed and not folded. */
  readonly isSubmitting: (job: string) => boolean
}

type Told = (workflows: readonly CancelledWorkflow[]) => void
type Give = (answer: Answer) => void

const isSame = (one: CommandName, other: CommandName): boolean =>
  one.client === other.client && one.number === other.number

interface FilterAsked {
  readonly command: CommandOf<'jobs.cancel'>
  readonly client: string
  readonly give: Give
}

interface Waiting {
  readonly by: CommandName
  readonly tell: Told
}

const asRepeated = ({ id, outcome }: CancelledWorkflow): CancelledWorkflow => ({
  id,
  outcome: outcome === 'ALREADY_COMPLETED' ? outcome : 'ALREADY_CANCELLED',
})

const cancelledAnswer = (number: number, { outcomes, more }: CancelAnswered): Answer => ({
  type: 'cancelled',
  number,
  outcomes: [...outcomes],
  more,
})

/**
 * Takes cancels, and never refuses one (ADR 51): it goes before all that waits for the log. What bounds them is what is
 * there to cancel: of one target at most one is on its way, and whoever asks meanwhile is told what it did. What is repeated is
 * answered from what it did the first time, whoever led then (K24).
 */
export class Cancels {
  readonly #options: CancelsOptions
  /** Who waits for the cancel of a target that is proposed and not folded, the first who asked first. */
  readonly #proposed = new Map<string, Waiting[]>()
  /** The first is being carried out. */
  readonly #filters: FilterAsked[] = []
  #answersKept = 0

  constructor(options: CancelsOptions) {
    this.#options = options
  }

  /** Cancels a job, or one workflow with its dependents; the answer comes when that is in the log (K39). */
  take(command: CommandOf<'job.cancel'>, client: string, give: Give): void {
    const { state, barrier, isSubmitting } = this.#options
    const { number, job, step } = command
    const answered = findAnswered(state, { client, number })
    if (answered !== undefined) give(cancelledAnswer(number, answered))
    else if (this.#isThere(command)) {
      const tell: Told = (workflows) => give(cancelledAnswer(number, answeredBy(workflows)))
      this.#propose(command, { by: { client, number }, tell })
    } else if (this.#keepAnswer()) {
      barrier(() => {
        this.#answersKept -= 1
        // An append came after the question, so that "not found" is proven (K23).
        if (this.#isThere(command) || isSubmitting(job)) this.take(command, client, give)
        else give(answerAbsent(state, number, job, step))
      })
    }
  }

  /** Cancels what fits a filter, as the shard is when its turn comes: one after the other, so that all of it is bounded. */
  takeFilter(command: CommandOf<'jobs.cancel'>, client: string, give: Give): void {
    if (this.#filters.length >= limits.cancelFiltersWaitingMax) return
    if (this.#filters.push({ command, client, give }) === 1) this.#sweepNext()
  }

  #sweepNext(): void {
    const [next] = this.#filters
    if (next === undefined) return
    new Sweep(this.#options, next.command, next.client).run((answer) => {
      next.give(answer)
      this.#filters.shift()
      this.#sweepNext()
    })
  }

  #isThere({ job, step }: CommandOf<'job.cancel'>): boolean {
    const record = this.#options.state.jobs.get(job)
    return record !== undefined && (step === undefined || record.steps.has(step))
  }

  #propose({ job, step, reason }: CommandOf<'job.cancel'>, asking: Waiting): void {
    const target = step === undefined ? job : `${job}/${step}`
    const known = this.#proposed.get(target)
    const waiting = known ?? []
    if (this.#keepAnswer()) waiting.push(asking)
    if (known !== undefined) return
    const event: LogEventOf<'cancel.requested'> = { type: 'cancel.requested', job, reason, by: asking.by }
    if (step !== undefined) event.steps = [step]
    const taken = this.#options.proposeFirst(event, (applied) => {
      const workflows = applied.kind === 'cancel' ? applied.workflows : []
      this.#proposed.delete(target)
      this.#answersKept -= waiting.length
      for (const { by, tell } of waiting) tell(isSame(by, asking.by) ? workflows : workflows.map(asRepeated))
    })
    if (taken) this.#proposed.set(target, waiting)
  }

  /** Whether one more answer is kept. Who gets none asks again, and the cancel is carried out all the same. */
  #keepAnswer(): boolean {
    if (this.#answersKept >= limits.cancelAnswersMax) return false
    this.#answersKept += 1
    return true
  }
}
