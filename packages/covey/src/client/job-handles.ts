import type { Notice } from '@covey/actors'
import { joinWorkflowId } from '@covey/protocol'
import type { SpanContext } from '@opentelemetry/api'
import { defer } from 'rxjs'
import { tracedResult } from '../tracing/client-spans.js'
import type { SdkGuard } from '../tracing/sdk-guard.js'
import type { OutputOf } from '../workflow/define-workflow.js'
import type {
  CancelOptions,
  DeadlineOptions,
  JobHandle,
  StepsHandle,
  SubmittedJob,
} from './client-contract.js'
import type { JobCommands } from './job-commands.js'
import { statisticsOf } from './job-statistics.js'
import type { PendingResult, PendingResults } from './pending-results.js'

/** What the handles of a client stand on. */
export interface HandleGround {
  readonly commands: JobCommands
  readonly results: PendingResults
  /** The streams of a job. */
  readonly streams: {
    readonly transitions: (job: string) => SubmittedJob['transitions$']
    readonly progress: (job: string) => SubmittedJob['progress$']
    readonly statistics: (job: string) => SubmittedJob['statistics$']
  }
  readonly notice: (notice: Notice) => void
  /** Keeps what an SDK of OpenTelemetry throws from submits and results. */
  readonly guard: SdkGuard
}

/** The handle of a job. Its functions need no `this`; its streams are made when somebody asks for them: most do not. */
class Handle implements SubmittedJob {
  readonly id: string
  readonly again: boolean
  readonly #ground: HandleGround

  constructor(ground: HandleGround, id: string, again: boolean) {
    this.id = id
    this.again = again
    this.#ground = ground
  }

  get transitions$(): SubmittedJob['transitions$'] {
    return defer(() => this.#ground.streams.transitions(this.id))
  }

  get progress$(): SubmittedJob['progress$'] {
    return defer(() => this.#ground.streams.progress(this.id))
  }

  get statistics$(): SubmittedJob['statistics$'] {
    return defer(() => this.#ground.streams.statistics(this.id))
  }

  readonly statistics: SubmittedJob['statistics'] = (options) =>
    statisticsOf(this.#ground.commands, this.id, options, this.#ground.notice)

  readonly ended = (options?: DeadlineOptions): Promise<string> =>
    this.#ground.results.find(this.id, options, 'ended') as Promise<string>

  readonly cancel = (options?: CancelOptions): ReturnType<SubmittedJob['cancel']> =>
    this.#ground.commands.cancel(this.id, options)
}

/** What is known of a job that has been accepted. */
export interface Submitted {
  /** What the leader tells of it. */
  readonly told: PendingResult
  readonly again: boolean
  /** The span of the submit, where somebody traces. */
  readonly span: SpanContext | undefined
}

/** The handle of a job of one workflow. */
export class OneHandle<Output> extends Handle implements JobHandle<Output> {
  readonly result: JobHandle<Output>['result']

  /** `name` is what the workflow is called. */
  constructor(ground: HandleGround, id: string, { told, again, span }: Submitted, name: string | undefined) {
    super(ground, id, again)
    this.result = (within) => {
      const result = ground.results.wait(told, within)
      // The definition says what its function gives; its schema, where it has one, has checked that.
      return tracedResult(ground.guard, result, told.id, span, name) as Promise<Output>
    }
  }
}

/** The handle of a job of several workflows, or of one that was there already. */
export class ManyHandle<Definitions extends object> extends Handle implements StepsHandle<Definitions> {
  readonly result: StepsHandle<Definitions>['result']

  constructor(ground: HandleGround, id: string, again: boolean, span?: SpanContext) {
    super(ground, id, again)
    this.result = <Step extends keyof Definitions & string>(step: Step, within?: DeadlineOptions) => {
      const workflow = joinWorkflowId(id, step)
      const result = ground.results.find(workflow, within)
      return tracedResult(ground.guard, result, workflow, span) as Promise<OutputOf<Definitions[Step]>>
    }
  }
}
