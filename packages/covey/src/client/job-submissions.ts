import type { Notice } from '@covey/actors'
import { jobId, joinWorkflowId, singleStep } from '@covey/protocol'
import type { SpanContext } from '@opentelemetry/api'
import { defer } from 'rxjs'
import { contentOf, type JobContent } from '../job/job-content.js'
import { type JobSpec, knownPlacing, type StepSpec } from '../job/job-spec.js'
import { type KnownOptions, refuseUnknownOptions } from '../known-options.js'
import { beginSubmit, endSubmit, tracedResult } from '../tracing/client-spans.js'
import type { SdkGuard } from '../tracing/sdk-guard.js'
import type { OutputOf, Workflow } from '../workflow/define-workflow.js'
import type {
  DeadlineOptions,
  JobHandle,
  StepsHandle,
  SubmitOptions,
  SubmittedJob,
} from './client-contract.js'
import type { JobCommands } from './job-commands.js'
import { statisticsOf } from './job-statistics.js'
import type { PendingResult, PendingResults } from './pending-results.js'
import { knownDeadline, type TimeLeft } from './time-left.js'

/** What submissions stand on. */
export interface SubmissionsOptions {
  readonly commands: JobCommands
  readonly results: PendingResults
  /** The streams of a job. */
  readonly streams: {
    readonly transitions: (job: string) => SubmittedJob['transitions$']
    readonly progress: (job: string) => SubmittedJob['progress$']
    readonly statistics: (job: string) => SubmittedJob['statistics$']
  }
  readonly cluster: string
  readonly notice: (notice: Notice) => void
  /** Keeps what an SDK of OpenTelemetry throws from submits and results. */
  readonly guard: SdkGuard
  /** Begins the ids of jobs whose submitter names none: unique in the cluster. */
  readonly prefix: string
}

interface Submitted {
  readonly told: PendingResult
  readonly again: boolean
  /** The span of the submit, where somebody traces. */
  readonly submitted: SpanContext | undefined
}

const knownSubmit: KnownOptions<SubmitOptions> = { ...knownDeadline, ...knownPlacing, id: true }
const knownJob: KnownOptions<JobSpec> = { id: true, workflows: true }

/** What the leader tells of a submit when it ends: its only workflow with the result, or the job. */
function toldOf({ job, chunks }: JobContent): string {
  const [first = [], ...more] = chunks
  const [step] = first
  return more.length === 0 && first.length === 1 && step !== undefined ? joinWorkflowId(job, step.step) : job
}

/** Submits jobs and hands out their handles. */
export class Submissions {
  readonly #options: SubmissionsOptions
  #drawn = 0

  constructor(options: SubmissionsOptions) {
    this.#options = options
  }

  async one<Given, Output>(
    workflow: Workflow<Given, Output> | string,
    input: unknown,
    options: SubmitOptions,
  ): Promise<JobHandle<Output>> {
    const time = this.#options.commands.time('submit', options, knownSubmit)
    const { id, deadlineMs: _, ...placing } = options
    const what = typeof workflow === 'string' ? { name: workflow } : { workflow }
    const spec: StepSpec = { ...what, input, ...placing }
    const name = typeof workflow === 'string' ? workflow : workflow.name
    const content = contentOf(id ?? this.#freshId(), { [singleStep]: spec })
    const { told, again, submitted } = await this.#submit(content, time)
    return {
      result: (within) => {
        const result = this.#options.results.wait(told, within)
        // The definition says what its function gives; its schema, where it has one, has checked that.
        return tracedResult(this.#options.guard, result, told.id, submitted, name) as Promise<Output>
      },
      ...this.#submitted(content.job, again),
    }
  }

  async steps<Definitions extends object>(
    spec: JobSpec<Definitions>,
    options: DeadlineOptions,
  ): Promise<StepsHandle<Definitions>> {
    const time = this.#options.commands.time('submitJob', options)
    refuseUnknownOptions('submitJob', spec, knownJob, 'invalid_job')
    const { id = this.#freshId(), workflows } = spec
    const content = contentOf(id, workflows as Readonly<Record<string, StepSpec>>)
    const { again, submitted } = await this.#submit(content, time)
    return this.#handle(content.job, again, submitted)
  }

  /** The handle of a job that is there already. Throws `invalid_id`. */
  find(id: string): StepsHandle<Readonly<Record<string, StepSpec>>> {
    return this.#handle(jobId(id), true)
  }

  #handle<Definitions extends object>(
    id: string,
    again: boolean,
    submitted?: SpanContext,
  ): StepsHandle<Definitions> {
    return {
      ...this.#submitted(id, again),
      result: <Step extends keyof Definitions & string>(step: Step, within?: DeadlineOptions) =>
        this.#find(joinWorkflowId(id, step), within, submitted) as Promise<OutputOf<Definitions[Step]>>,
    }
  }

  #find(id: string, within: DeadlineOptions | undefined, submitted: SpanContext | undefined) {
    const { guard, results } = this.#options
    return tracedResult(guard, results.find(id, within), id, submitted)
  }

  #freshId(): string {
    this.#drawn += 1
    return [this.#options.prefix, this.#drawn].join('-')
  }

  async #submit(content: JobContent, time: TimeLeft): Promise<Submitted> {
    const { commands, results, cluster, guard } = this.#options
    // Before the first frame is sent, so that no push is early.
    const told = results.expect(toldOf(content))
    const span = beginSubmit(guard, cluster, content)
    const { again } = await (span === undefined
      ? commands.submit(content, time)
      : endSubmit(guard, span, commands.submit(content, time, span.place)))
    if (again) results.recheck(told)
    return { told, again, submitted: span?.context }
  }

  #submitted(id: string, again: boolean): SubmittedJob {
    const { commands, results, streams, notice } = this.#options
    return {
      id,
      again,
      // Made when somebody subscribes: most who submit do not.
      transitions$: defer(() => streams.transitions(id)),
      progress$: defer(() => streams.progress(id)),
      statistics$: defer(() => streams.statistics(id)),
      statistics: (options) => statisticsOf(commands, id, options, notice),
      ended: (options) => results.find(id, options, 'ended') as Promise<string>,
      cancel: (options) => commands.cancel(id, options),
    }
  }
}
