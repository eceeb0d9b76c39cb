import {
  type Answer,
  answersMessage,
  type Command,
  type CommandOf,
  type CommandsMessage,
  joinWorkflowId,
  type LogEventOf,
  limits,
  type Step,
  splitWorkflowId,
} from '@covey/protocol'
import type { Environment } from '../environment.js'
import type { Members } from '../membership/members.js'
import type { Admission } from './admission.js'
import type { Breakers } from './breakers.js'
import { Cancels } from './cancels.js'
import type { Applied } from './fold.js'
import { answerBytes, cut } from './frame-sizes.js'
import { checkGraph } from './job-graph.js'
import { JobParts } from './job-parts.js'
import { outcomeOf } from './outgoing.js'
import type { Pushes } from './pushes.js'
import { answerAbsent, answerError, answerMisplaced, answerTooOld } from './refusals.js'
import { isTooOld } from './retention.js'
import type { Seats } from './seats.js'
import { hasChunk, type JobRecord, type ShardState } from './shard-state.js'
import { jobPage, jobsPage, statisticsPage, statusView, type WaitsOf } from './status-view.js'
import type { Propose } from './term-log.js'
import { placeOf } from './terms.js'

/** What a desk works with: one per term. */
export interface DeskOptions {
  readonly env: Environment
  readonly state: ShardState
  /** Shards of the cluster. */
  readonly shards: number
  readonly seats: Seats
  readonly members: Members
  readonly pushes: Pushes
  readonly propose: Propose
  /** For what may not wait and is not refused. */
  readonly proposeFirst: Propose
  readonly barrier: (callback: () => void) => void
  readonly backlog: () => number
  readonly waitsOf: WaitsOf
  /** Which workers are given nothing for now, where somebody knows. */
  readonly breakers?: Pick<Breakers, 'stateOf'>
  /** Whom it tells to come again later. */
  readonly admission: Admission
  /** Whether the log has no room for more jobs. */
  readonly isFull: () => boolean
  /** A whole job that the log does not know has been proposed for it: what of it can run may be assigned in the same batch. */
  readonly onSubmitted: (job: string, steps: readonly Step[]) => void
}

/**
 * Answers clients. What changes something is answered after its own append; "not there" and "not yet" only after an
 * append that was published after the question came (K23). A term that ends answers nobody: they ask the next leader.
 */
export class Desk {
  readonly #options: DeskOptions
  /** Jobs whose submission is proposed and not folded: what another of that id holds is not known yet. */
  readonly #submitting = new Set<string>()
  readonly #parts = new JobParts()
  readonly #cancels: Cancels

  constructor(options: DeskOptions) {
    this.#options = options
    this.#cancels = new Cancels({ ...options, isSubmitting: (job) => this.#submitting.has(job) })
  }

  /**
   * Takes one frame of commands; its answers go back in one frame, when all are there. What does not fit that frame is
   * not answered: the client asks for it again.
   */
  take({ client, commands }: CommandsMessage, reply: string | undefined): void {
    const { admission, state, shards } = this.#options
    const answers: Answer[] = []
    const answer = (given: Answer): void => {
      answers.push(given)
      if (answers.length < commands.length || reply === undefined) return
      const [fitting = []] = cut(answers, answerBytes)
      const about = { epoch: state.epoch, answers: fitting, ...placeOf(state) }
      const credit = admission.credit
      const data = answersMessage.encode(credit === undefined ? about : { credit, ...about })
      this.#options.env.links.control.publish(reply, data)
    }
    const refusalOf = admission.ofFrame(client)
    for (const command of commands) {
      const refusal = answerMisplaced(state.shard, shards, command) ?? refusalOf(command)
      if (refusal) answer(refusal)
      else this.#takeCommand(command, client, answer)
    }
  }

  #takeCommand(command: Command, client: string, answer: (answer: Answer) => void): void {
    switch (command.type) {
      case 'job.submit':
        this.#submit(command, answer)
        break
      case 'job.cancel':
        this.#cancels.take(command, client, answer)
        break
      case 'jobs.cancel':
        this.#cancels.takeFilter(command, client, answer)
        break
      case 'job.get':
        this.#job(command, answer)
        break
      case 'result.get':
        this.#result(command, answer)
        break
      case 'status.get':
        this.#options.barrier(() => answer(statusView(this.#options, command.number)))
        break
      case 'job.list':
        this.#options.barrier(() => answer(jobsPage(this.#options.state, command.number, command.after)))
        break
      case 'statistics.get':
        this.#statistics(command, answer)
    }
  }

  #submit(command: CommandOf<'job.submit'>, answer: (answer: Answer) => void): void {
    const { number, job, digest, chunk, workflows, notify, trace } = command
    const { jobs, expired } = this.#options.state
    const known = jobs.get(job)
    const hasExpired = known === undefined && expired.has(job)
    const refusal = this.#refusalOf(command, known, hasExpired)
    if (refusal) {
      answer(refusal)
      return
    }
    const isFirst = !this.#submitting.has(job)
    const event: LogEventOf<'job.submitted'> = { type: 'job.submitted', job, digest, chunk, workflows }
    if (trace !== undefined) event.trace = trace
    const taken = this.#options.propose(event, (applied) => {
      this.#submitting.delete(job)
      if (chunk.count > 1) this.#parts.folded(job, chunk.index)
      answer(this.#submitted(command, applied))
    })
    if (!taken) {
      answer(answerError(number, 'overloaded', 'the queue of the shard is full', 'try again later'))
      return
    }
    this.#submitting.add(job)
    if (chunk.count > 1) this.#parts.add(job, chunk.index, workflows.length)
    const isNew = known === undefined && !hasExpired
    if (chunk.count === 1 && isFirst && isNew) this.#options.onSubmitted(job, workflows)
    if (notify !== undefined && !hasExpired) {
      const [only] = workflows
      this.#options.pushes.register(
        chunk.count === 1 && only !== undefined && workflows.length === 1
          ? joinWorkflowId(job, only.step)
          : job,
        notify,
      )
    }
  }

  #submitted({ number, job }: CommandOf<'job.submit'>, applied: Applied): Answer {
    if (applied.kind === 'submit' && applied.outcome === 'conflict') {
      return answerError(number, 'id_conflict', `job ${job} exists with other content`, 'choose another id')
    }
    const again = applied.kind === 'submit' && applied.outcome === 'again'
    return { type: 'submitted', number, job, sequence: applied.place.sequence, again }
  }

  /** Why a part cannot belong to its job, although it is well formed. */
  #misfitOf({ number, job, chunk, workflows }: CommandOf<'job.submit'>): Answer | undefined {
    if (chunk.index >= chunk.count) {
      const what = `job ${job} of ${chunk.count} chunks has no chunk ${chunk.index}`
      return answerError(number, 'invalid_job', what, 'number the chunks of a job from 0')
    }
    const folded = this.#options.state.jobs.get(job)?.steps.size ?? 0
    const total = folded + this.#parts.besides(job, chunk.index) + workflows.length
    if (total <= limits.workflowsPerJobMax) return undefined
    const what = `job ${job} has at least ${total} steps, the limit is ${limits.workflowsPerJobMax}`
    return answerError(number, 'too_large', what, 'submit several jobs')
  }

  #refusalOf(
    command: CommandOf<'job.submit'>,
    known: JobRecord | undefined,
    hasExpired: boolean,
  ): Answer | undefined {
    const { number, job, chunk, workflows } = command
    const { state, seats, env } = this.#options
    // What is in the log already is only confirmed, or found to be of other content, when it is folded again.
    if (known ? hasChunk(known, chunk.index) : hasExpired) return undefined
    if (known === undefined && isTooOld(state, command)) return answerTooOld(number, job)
    const misfit = chunk.count === 1 && chunk.index === 0 ? undefined : this.#misfitOf(command)
    if (misfit) return misfit
    if (state.workflows.size + workflows.length > limits.workflowsPerShardMax) {
      return answerError(
        number,
        'storage_full',
        `the shard holds ${limits.workflowsPerShardMax} workflows already`,
      )
    }
    if (this.#options.isFull()) {
      const mend = 'try again when jobs have ended, or give the broker more room: covey doctor shows it'
      return answerError(number, 'storage_full', 'the log of the shard is nearly full', mend)
    }
    const nowMs = env.clock.now()
    const unknown = workflows.find((step) => seats.isOfferedByNone(step.name, nowMs))
    if (unknown) {
      return answerError(
        number,
        'unknown_workflow',
        `no worker offers the workflow ${unknown.name}`,
        `known are: ${seats.offeredNames().sort().slice(0, limits.namesInErrorMax).join(', ')}`,
      )
    }
    const fault = chunk.count === 1 ? checkGraph(workflows) : undefined
    return fault === undefined
      ? undefined
      : answerError(number, 'invalid_job', fault, 'mend the dependencies of the job')
  }

  #job({ number, job, after, notify }: CommandOf<'job.get'>, answer: (answer: Answer) => void): void {
    const { state, pushes, barrier, waitsOf } = this.#options
    if (notify !== undefined) pushes.register(job, notify)
    barrier(() => {
      const record = state.jobs.get(job)
      answer(record ? jobPage(record, number, after, waitsOf) : answerAbsent(state, number, job))
    })
  }

  #statistics({ number, job, after }: CommandOf<'statistics.get'>, answer: (answer: Answer) => void): void {
    const { state, barrier } = this.#options
    barrier(() => {
      const record = state.jobs.get(job)
      answer(
        record ? statisticsPage(record, state.streamEpoch, number, after) : answerAbsent(state, number, job),
      )
    })
  }

  #result({ number, workflow, notify }: CommandOf<'result.get'>, answer: (answer: Answer) => void): void {
    const { state, pushes, barrier } = this.#options
    const record = state.workflows.get(workflow)
    if (record && record.snapshot.status === 'done') {
      answer({ type: 'outcome', number, outcome: outcomeOf(record) })
      return
    }
    if (notify !== undefined) pushes.register(workflow, notify)
    barrier(() => {
      const now = state.workflows.get(workflow)
      answer(
        now ? { type: 'outcome', number, outcome: outcomeOf(now) } : this.#absentWorkflow(number, workflow),
      )
    })
  }

  #absentWorkflow(number: number, workflow: string): Answer {
    const { job, step } = splitWorkflowId(workflow)
    return answerAbsent(this.#options.state, number, job, step)
  }
}
