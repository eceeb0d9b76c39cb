import {
  type Answer,
  type AnswerOf,
  type CancelFilter,
  CoveyError,
  cancelFilterFault,
  isWorkflowId,
  jobId,
  limits,
  type Outcome,
  singleStep,
  splitWorkflowId,
  type TraceContext,
  type WorkflowView,
  workflowId,
} from '@covey/protocol'
import type { Clock } from '@covey/transport'
import { chunkBytes, type JobContent } from '../job/job-content.js'
import type { KnownOptions } from '../known-options.js'
import { cancelOf, errorOfCall } from './asked-call.js'
import { cancelBytes, stopReason, sumOf } from './cancel-words.js'
import type {
  CancelAnswer,
  CancelCounts,
  CancelOptions,
  DeadlineOptions,
  JobDescription,
  JobSummary,
  RestoredShards,
} from './client-contract.js'
import type { CommandQueue } from './command-queue.js'
import { expectAnswer } from './expected-answer.js'
import { raisedOf } from './raised-shards.js'
import type { ShardQueues } from './shard-queues.js'
import { type StatusAnswer, statusOfAll } from './status-sum.js'
import { knownDeadline, type TimeLeft, timeOf } from './time-left.js'
import type { Question } from './waiting-command.js'

/** What job commands stand on. */
export interface JobCommandsOptions {
  readonly queues: ShardQueues
  readonly clock: Clock
  /** Where the leader pushes outcomes. */
  readonly notify: string
  /** Of a command whose caller names none. */
  readonly deadlineMs: number
  /** Who cancels, where the caller says nothing else. */
  readonly name?: string | undefined
}

type SubmitQuestion = Extract<Question, { type: 'job.submit' }>

const knownCancel: KnownOptions<CancelOptions> = { ...knownDeadline, reason: true, by: true }

const endStates: readonly string[] = ['completed', 'failed', 'cancelled']

/** The job and, where one is named, the step of an id `<job>` or `<job>/<step>`. Throws `invalid_id`. */
function target(id: string): { readonly job: string; readonly step?: string } {
  return typeof id === 'string' && id.includes('/') ? splitWorkflowId(id) : { job: jobId(id) }
}

/** The workflow that an id means: itself, or the only step of a job made by `submit`. Throws `invalid_id`. */
export const resultId = (id: string): string => (isWorkflowId(id) ? id : workflowId(id, singleStep))

/** The commands about jobs in the terms of their users, each sent to the shard of its job. */
export class JobCommands {
  readonly #options: JobCommandsOptions

  constructor(options: JobCommandsOptions) {
    this.#options = options
  }

  /** Begins the time of a call, as {@link timeOf}. Throws `invalid_options`. */
  time(
    call: string,
    options: DeadlineOptions = {},
    known: Readonly<Record<string, true>> = knownDeadline,
  ): TimeLeft {
    return timeOf(call, options, this.#options, known)
  }

  /** Resolves when every chunk is in the log; `again` when the job was there already. What follows is traced from `trace`. */
  submit(content: JobContent, within: TimeLeft, trace?: TraceContext): Promise<{ readonly again: boolean }> {
    return content.chunks.length === 1
      ? this.#submitChunk(content, 0, within, trace)
      : this.#submitChunks(content, within, trace)
  }

  /** Rejects with the first refusal when nothing of the job is under way any more. */
  async #submitChunks(
    content: JobContent,
    within: TimeLeft,
    trace: TraceContext | undefined,
  ): Promise<{ readonly again: boolean }> {
    const count = content.chunks.length
    let next = 0
    let again = true
    const refusals: unknown[] = []
    const carry = async (): Promise<void> => {
      while (next < count && refusals.length === 0) {
        try {
          const answer = await this.#submitChunk(content, next++, within, trace)
          again &&= answer.again
        } catch (error) {
          refusals.push(error)
        }
      }
    }
    await Promise.all(Array.from({ length: Math.min(limits.chunksInFlightMax, count) }, carry))
    if (refusals.length > 0) throw refusals[0]
    return { again }
  }

  #submitChunk(
    { job, digest, chunks }: JobContent,
    index: number,
    within: TimeLeft,
    trace: TraceContext | undefined,
  ): Promise<AnswerOf<'submitted'>> {
    const { notify } = this.#options
    const workflows = chunks[index] ?? []
    const chunk = { index, count: chunks.length }
    const question: SubmitQuestion = {
      type: 'job.submit',
      notify,
      job,
      digest,
      chunk,
      workflows: [...workflows],
    }
    let bytes = chunkBytes(workflows)
    if (trace !== undefined) {
      question.trace = trace
      bytes += limits.traceBytesMax
    }
    return this.#ask(job, 'submitted', question, within, bytes)
  }

  /** Resolves when the cancel is in the log, with what it did. */
  async cancel(id: string, options: CancelOptions = {}): Promise<CancelAnswer> {
    const within = this.time('cancel', options, knownCancel)
    const reason = stopReason(options, this.#options.name)
    const to = target(id)
    try {
      const question = { type: 'job.cancel', ...to, reason } as const
      const { outcomes, more } = await this.#ask(to.job, 'cancelled', question, within, cancelBytes)
      return { outcomes, more }
    } catch (error) {
      const isMissing = error instanceof CoveyError && error.code === 'not_found'
      if (!isMissing) throw errorOfCall(error, cancelOf(id, to))
      return { outcomes: [{ id, outcome: 'NOT_FOUND' }], more: 0 }
    }
  }

  /** Resolves when every shard has answered, or its time is over; rejects where none has answered. */
  async cancelMatching(filter: CancelFilter, options: CancelOptions = {}): Promise<CancelCounts> {
    const within = this.time('cancelMatching', options, knownCancel)
    const fault = cancelFilterFault(filter)
    if (fault !== undefined) throw new CoveyError('invalid_options', `the filter of a cancel: ${fault}`)
    const { queues, name } = this.#options
    const question = { type: 'jobs.cancel', reason: stopReason(options, name), filter } as const
    const all = queues.opened ?? (await queues.all(within()))
    return sumOf(await Promise.allSettled(all.map((queue) => queue.ask(question, within(), cancelBytes))))
  }

  /** Resolves when every shard has been claimed anew, or its time is over; rejects where none has. */
  async restored(options: DeadlineOptions = {}): Promise<RestoredShards> {
    const { queues } = this.#options
    const within = this.time('restored', options)
    const all = queues.opened ?? (await queues.all(within()))
    return raisedOf(await Promise.allSettled(all.map((queue) => queue.raise(within))))
  }

  async summary(job: string, within: TimeLeft): Promise<JobSummary> {
    const { id, state, total, ended } = await this.#page(job, limits.workflowsPerJobMax, within)
    return { id, state, total, ended }
  }

  async describe(job: string, options: DeadlineOptions = {}): Promise<JobDescription> {
    const workflows: WorkflowView[] = []
    const within = this.time('job', options)
    for (;;) {
      const { id, state, total, ended, workflows: more } = await this.#page(job, workflows.length, within)
      workflows.push(...more)
      if (more.length === 0 || workflows.length >= total) return { id, state, total, ended, workflows }
    }
  }

  /** One page of what the workflows of a job that have ended counted: after `after`, in the order of their ends. */
  statistics(job: string, after: number, within: TimeLeft): Promise<AnswerOf<'statistics'>> {
    return this.#ask(job, 'statistics', { type: 'statistics.get', job: jobId(job), after }, within)
  }

  /** All jobs, of each shard in the order of submission. Waits for the leaders as long as it takes. */
  async list(): Promise<JobSummary[]> {
    const queues = await this.#options.queues.all(Number.POSITIVE_INFINITY)
    const lists = await Promise.all(queues.map(listOf))
    return lists.flat()
  }

  /** The cluster as the leaders of its shards see it. Rejects where none of them answers. */
  async status(options: DeadlineOptions = {}): Promise<StatusAnswer> {
    const { queues, clock } = this.#options
    const within = this.time('status', options)
    const all = queues.opened ?? (await queues.all(within()))
    return statusOfAll(all, clock, within())
  }

  /** How a workflow or job stands, with a push to come when it ends. */
  async outcome(id: string): Promise<Outcome> {
    const { notify } = this.#options
    const { job, step } = target(id)
    if (step !== undefined) {
      const question: Question = { type: 'result.get', workflow: id, notify }
      return (await this.#ask(job, 'outcome', question, this.time('result'))).outcome
    }
    const question: Question = { type: 'job.get', job, after: limits.workflowsPerJobMax, notify }
    const { state } = await this.#ask(job, 'job', question, this.time('ended'))
    return { id, state, ended: endStates.includes(state) }
  }

  async #page(job: string, after: number, within: TimeLeft): Promise<AnswerOf<'job'>> {
    return this.#ask(job, 'job', { type: 'job.get', job: jobId(job), after }, within)
  }

  async #ask<Type extends Answer['type']>(
    job: string,
    type: Type,
    question: Question,
    within: TimeLeft,
    bytes?: number,
  ): Promise<AnswerOf<Type>> {
    return expectAnswer(type, await this.#options.queues.ask(job, question, within, bytes))
  }
}

async function listOf(queue: CommandQueue): Promise<JobSummary[]> {
  const jobs: JobSummary[] = []
  for (;;) {
    const question = { type: 'job.list', after: jobs.length } as const
    const page = expectAnswer('jobs', await queue.ask(question, Number.POSITIVE_INFINITY))
    jobs.push(...page.jobs)
    if (page.jobs.length === 0 || jobs.length >= page.total) return jobs
  }
}
