import type { Member, StatisticsWindow } from '@covey/actors'
import type {
  CancelFilter,
  CancelOutcome,
  CoveyError,
  JobCounts,
  NodeView,
  ShardView,
  WorkflowView,
} from '@covey/protocol'
import type { BrokerFacts } from '@covey/transport'
import type { Observable } from 'rxjs'
import type { JobSpec, PlacingOptions, StepSpec } from '../job/job-spec.js'
import type { ActorStates } from '../transitions/actor-states.js'
import type { ActorKind, TransitionFilter, TransitionOf } from '../transitions/typed-transition.js'
import type { OutputOf, Workflow } from '../workflow/define-workflow.js'
import type { EvictOptions, LeaveOptions, OrderedNode, ReadmittedNode } from './node-orders.js'

/** How long the caller waits. */
export interface DeadlineOptions {
  /**
   * Milliseconds above 0 after which the call, with all that it asks, rejects (`no_leader`, `unreachable` or `deadline`); nothing
   * is undone by it, and what was sent before may be done after it. More than 24 days count as 24 days. Else the call rejects `invalid_options`.
   */
  readonly deadlineMs?: number
}

/** How a job is submitted. */
export interface SubmitOptions extends DeadlineOptions, PlacingOptions {
  /** The job's id: submitting the same content under it again is the same job. Drawn at random where it is missing. */
  readonly id?: string
}

/** How something is cancelled. */
export interface CancelOptions extends DeadlineOptions {
  /** Why: what is stopped is told, and whoever asks for its result. */
  readonly reason?: string
  /** Who says so; told with the reason. Default: the name that the client was connected with, if any. */
  readonly by?: string
}

/** What a cancel did to each workflow (H4); `more` counts those that were too many to list. */
export interface CancelAnswer {
  readonly outcomes: readonly { readonly id: string; readonly outcome: CancelOutcome }[]
  readonly more: number
}

/** What a cancel by filter met: a workflow that fits, or depends on one that does, counts once. */
export interface CancelCounts {
  /** Jobs of which a workflow fits. */
  readonly jobs: number
  /** Workflows that it ended at once, for no worker had them. */
  readonly cancelled: number
  /** Workflows that it has told to stop: they end when their worker says so, or is over. */
  readonly cancelling: number
  /** Workflows that were cancelled already, or had ended. */
  readonly already: number
  /** The places of the logs up to which that is so, for no two shards are cancelled at once (K45). */
  readonly shards: readonly { readonly shard: number; readonly sequence: number }[]
  /** Shards whose leader did not answer in time: the same call again cancels what is left. */
  readonly unheard: readonly { readonly shard: number; readonly error: CoveyError }[]
}

/** How far a job is. */
export interface JobSummary {
  readonly id: string
  /** `running`, `cancelling`, or its end: `completed`, `failed`, `cancelled`. */
  readonly state: string
  /** Its workflows, and how many of them have ended. */
  readonly total: number
  readonly ended: number
}

/** A job with all its workflows. */
export interface JobDescription extends JobSummary {
  readonly workflows: readonly WorkflowView[]
}

/** The cluster as its leading manager sees it. */
export interface ClusterStatus {
  readonly cluster: string
  readonly broker: BrokerFacts
  readonly nodes: readonly NodeView[]
  readonly shards: readonly ShardView[]
  readonly jobs: JobCounts
}

/** A function's word on its own progress. */
export interface Progress {
  /** `<job>/<step>`. */
  readonly workflow: string
  readonly token: string
  readonly number: number
  readonly value: unknown
}

/** A job that has been accepted. */
export interface SubmittedJob {
  readonly id: string
  /** The job was there already, with the same content. */
  readonly again: boolean
  /** Resolves with the job's final state (`completed`, `failed`, `cancelled`). */
  ended(options?: DeadlineOptions): Promise<string>
  cancel(options?: CancelOptions): Promise<CancelAnswer>
  /**
   * Transitions of the job and of its workflows, as {@link Client.transitions}; completes when the job has ended and
   * every one of them has been told. Errors with `not_found`.
   */
  readonly transitions$: Observable<TransitionOf<'job' | 'workflow'>>
  /** What its functions report, as {@link Client.progress}; completes when the job has ended. */
  readonly progress$: Observable<Progress>
  /** What its workflows that have ended counted, as {@link Client.statistics}. */
  statistics(options?: DeadlineOptions): Promise<readonly StatisticsWindow[]>
  /**
   * What its workflows have counted, those that still run included: what these have sent last, which may be lost or taken
   * back. Begins with all that is known now; all windows again after each change, five times a second at most; completes
   * with the exact totals when the job has ended. Errors with `not_found`, `expired`.
   */
  readonly statistics$: Observable<readonly StatisticsWindow[]>
}

/** A job of one workflow. */
export interface JobHandle<Output> extends SubmittedJob {
  /** The result; see {@link Client.result}. */
  result(options?: DeadlineOptions): Promise<Output>
}

/** A job of several workflows. */
export interface StepsHandle<Definitions extends object> extends SubmittedJob {
  /** The result of one step; see {@link Client.result}. */
  result<Step extends keyof Definitions & string>(
    step: Step,
    options?: DeadlineOptions,
  ): Promise<OutputOf<Definitions[Step]>>
}

/** One shard that was claimed anew. */
export interface RestoredShard {
  readonly shard: number
  /** Begins the tokens that it gives from now on. */
  readonly streamEpoch: number
}

/** What became of the shards of a cluster whose store was put back. */
export interface RestoredShards {
  readonly shards: readonly RestoredShard[]
  /** Shards that nobody claimed anew in time: the same call again does it, and does it to the others once more. */
  readonly unheard: readonly { readonly shard: number; readonly error: CoveyError }[]
}

/**
 * A cluster as its users see it. Commands reach whoever leads; all but `result` and `ended` have a default deadline. An
 * option that a call does not have is `invalid_options`, before anything is sent. Streams are cold, and all who subscribe
 * to the same one share what it asks of the cluster. They outlive changes of leader and restarts of the broker, complete
 * when the client is closed, and then error with `closed`.
 */
export interface Client {
  readonly cluster: string
  /**
   * Submits a job of one workflow; resolves when it is in the log. Rejects `id_conflict` when the id is taken by other
   * content, `too_large`, `invalid_id`, `no_leader`, `unreachable`. After the last two it may be in the log, or come there yet: the same
   * call with the same `id` is the same job and tells (`again` of the handle), so give an `id` where that matters.
   * Alone, a workflow is one that takes no input.
   */
  submit<Output>(workflow: Workflow<undefined, Output> | string): Promise<JobHandle<Output>>
  /** As above, with an input and options. By its name in place of its definition it takes and gives `unknown`. */
  submit<Given, Output>(
    workflow: Workflow<Given, Output> | string,
    input: NoInfer<Given>,
    options?: SubmitOptions,
  ): Promise<JobHandle<Output>>
  /** Submits a job of several workflows; rejects `invalid_job` for a cycle or an unknown dependency, else as `submit`. */
  submitJob<Definitions extends object>(
    job: JobSpec<Definitions>,
    options?: DeadlineOptions,
  ): Promise<StepsHandle<Definitions>>
  /** Cancels a job (`<job>`), or one workflow with its dependents (`<job>/<step>`). Resolves when that is in the log. */
  cancel(id: string, options?: CancelOptions): Promise<CancelAnswer>
  /**
   * Cancels every workflow that fits a filter, as it is when its leader takes the command, with its dependents. Resolves
   * when that is in the log; the same call again cancels what has come since. Rejects `invalid_options` with what is wrong
   * with the filter, or `no_leader` where no shard answered.
   */
  cancelMatching(filter: CancelFilter, options?: CancelOptions): Promise<CancelCounts>
  /**
   * The result of a workflow (`<job>/<step>`, or `<job>` for its step `main`), asked for again by id until it ends (K42).
   * Rejects with what it ended by (`workflow_failed`, `workflow_cancelled`, ...), `not_found`, or `deadline`.
   */
  result(id: string, options?: DeadlineOptions): Promise<unknown>
  /** A handle of a job that is there already, by its id. Throws `invalid_id`; asks nobody before it is used. */
  handle(job: string): StepsHandle<Readonly<Record<string, StepSpec>>>
  /** Resolves with the final state of a job. */
  ended(job: string, options?: DeadlineOptions): Promise<string>
  /** A job with all its workflows. Rejects `not_found`. */
  job(id: string, options?: DeadlineOptions): Promise<JobDescription>
  /** How far a job is, without its workflows. Rejects `not_found`. */
  summary(id: string, options?: DeadlineOptions): Promise<JobSummary>
  /**
   * What the workflows of a job that have ended counted, by window and name: exact, each by the attempt that ended it.
   * Rejects `not_found`, `expired`.
   */
  statistics(job: string, options?: DeadlineOptions): Promise<readonly StatisticsWindow[]>
  status(options?: DeadlineOptions): Promise<ClusterStatus>
  /**
   * Tells a node, by its name or an address that it advertises, to leave, as its own `leave` does; resolves when it has heard that, `members$` says when it has departed.
   * Rejects `not_found`, `invalid_options` for a reason that there is not, or `unavailable` where it does not answer.
   */
  leave(node: string, options?: LeaveOptions): Promise<OrderedNode>
  /**
   * Puts a node out of the cluster (S14): its generation is over at once, its process stops, and no process may join under
   * its name until it is taken in again. Resolves when that is written, also where it was so already. Rejects `not_found`,
   * `last_manager`, or `no_leader` where no manager answers.
   */
  evict(node: string, options?: EvictOptions): Promise<OrderedNode>
  /**
   * Takes a name in again that was put out: who starts under it joins. Resolves and rejects as `evict`, with whether it was
   * out; where an answer was lost and asked for again, it may be told as not out that was taken in just now.
   */
  readmit(node: string, options?: DeadlineOptions): Promise<ReadmittedNode>
  /**
   * Says that the broker's store was put back to what it was earlier, and that nobody is left who remembers (K11): every shard
   * is claimed anew under a higher stream epoch, so that no token is given that was given since. What runs is stopped, and
   * nothing is assigned for one lease (8 s; 24 s on three servers). Once is enough: each call does it again. Resolves when
   * every shard has answered, or its time is over. Rejects `no_leader`, `unreachable` where none has answered.
   */
  restored(options?: DeadlineOptions): Promise<RestoredShards>
  /** All nodes by the newest generation of each, as the facts say; emits the list, then again after each change. */
  readonly members$: Observable<readonly Member[]>
  /**
   * All jobs: first the list of them, then lists of those that changed. A new state is told at once; how many workflows
   * of a running job have ended is looked up once a second.
   */
  readonly jobs$: Observable<readonly JobSummary[]>
  /**
   * Transitions of any actor of any node: first the state of each actor (`from` and `event` are empty), then what
   * follows, in order per node and without a gap (K42). Typed by the machine that `kind` names.
   */
  transitions<const Kind extends string = ActorKind>(
    filter?: TransitionFilter<Kind>,
  ): Observable<TransitionOf<Kind>>
  /**
   * In which state each actor of each node is, once every node that takes part has said so: what `transitions` begins
   * with, and its end. Nodes that are silent until the deadline are `unheard`. Rejects `unreachable` where it is not known
   * by then which nodes there are, `overloaded` as `transitions`, `invalid_id`, `invalid_options`.
   */
  actors<const Kind extends string = ActorKind>(
    filter?: TransitionFilter<Kind>,
    options?: DeadlineOptions,
  ): Promise<ActorStates<Kind>>
  /** What functions report of their progress, from now on: sampled and lossy. */
  progress(id: string): Observable<Progress>
  /** Ends everything that is waited for with `closed`; closes the links if the client opened them. */
  close(): Promise<void>
}
