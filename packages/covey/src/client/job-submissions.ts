import { jobId, joinWorkflowId, singleStep } from '@covey/protocol'
import { contentOf, contentOfOne, type JobContent } from '../job/job-content.js'
import { type JobSpec, knownPlacing, type StepSpec } from '../job/job-spec.js'
import { type KnownOptions, refuseUnknownOptions } from '../known-options.js'
import { beginSubmit, endSubmit } from '../tracing/client-spans.js'
import type { Workflow } from '../workflow/define-workflow.js'
import { errorOfCall, submitOf } from './asked-call.js'
import type { DeadlineOptions, JobHandle, StepsHandle, SubmitOptions } from './client-contract.js'
import { type HandleGround, ManyHandle, OneHandle, type Submitted } from './job-handles.js'
import { knownDeadline, type TimeLeft } from './time-left.js'

/** What submissions stand on. */
export interface SubmissionsOptions extends HandleGround {
  readonly cluster: string
  /** Begins the ids of jobs whose submitter names none: unique in the cluster. */
  readonly prefix: string
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
    const { id = this.#freshId(), priority, key, requires } = options
    const [definition, name] = typeof workflow === 'string' ? [undefined, workflow] : [workflow, undefined]
    const spec = { workflow: definition, name, input, priority, key, requires }
    const content = contentOfOne(id, singleStep, spec)
    const submitted = await this.#submit(content, time)
    return new OneHandle<Output>(this.#options, content.job, submitted, definition?.name ?? name)
  }

  async steps<Definitions extends object>(
    spec: JobSpec<Definitions>,
    options: DeadlineOptions,
  ): Promise<StepsHandle<Definitions>> {
    const time = this.#options.commands.time('submitJob', options)
    refuseUnknownOptions('submitJob', spec, knownJob, 'invalid_job')
    const { id = this.#freshId(), workflows } = spec
    const content = contentOf(id, workflows as Readonly<Record<string, StepSpec>>)
    const { again, span } = await this.#submit(content, time)
    return new ManyHandle(this.#options, content.job, again, span)
  }

  /** The handle of a job that is there already. Throws `invalid_id`. */
  find(id: string): StepsHandle<Readonly<Record<string, StepSpec>>> {
    return new ManyHandle(this.#options, jobId(id), true)
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
    try {
      const { again } = await (span === undefined
        ? commands.submit(content, time)
        : endSubmit(guard, span, commands.submit(content, time, span.place)))
      if (again) results.recheck(told)
      return { told, again, span: span?.context }
    } catch (error) {
      // Its submitter may have named no id, and would have none to ask by.
      throw errorOfCall(error, submitOf(content.job))
    }
  }
}
