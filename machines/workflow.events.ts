import type { ErrorReport, Policy, TokenText } from '@covey/protocol'
import type { ExtensionAsk, GivenExtension } from './rules/deadline-extension.js'

/** Why a running attempt is being stopped. */
export interface StopOrder {
  readonly cause: 'cancel' | 'timeout'
  readonly reason: string
}

/** What the fold knows of one workflow beside its state. */
export interface WorkflowContext {
  /** The number of the newest attempt, from 1; 0 before the first. */
  attempt: number
  /** Attempts that the function itself failed. */
  failures: number
  /** Attempts that were lost with their worker. */
  lost: number
  /** The last token given out: its word counts until it has come, or a higher one is assigned (K9). */
  token: TokenText | null
  worker: string | null
  generation: number
  credits: readonly number[]
  policy: Policy | null
  stop: StopOrder | null
  error: ErrorReport | null
  backoffMs: number
  /** What the attempt has been given beyond its timeout. */
  extension: GivenExtension | null
}

type Word<Type extends string, More = object> = { readonly type: Type; readonly token: TokenText } & More
type WorkerRef = { readonly worker: string; readonly generation: number }

/** Everything the fold tells the chart of one workflow, in the order of the log. */
export type WorkflowEvent =
  | { readonly type: 'dependencies.done' }
  | { readonly type: 'dependency.ended'; readonly error: ErrorReport }
  | Word<'workflow.assigned', WorkerRef & { readonly credits: readonly number[]; readonly policy: Policy }>
  | Word<'workflow.started'>
  | Word<'workflow.refused'>
  | Word<'workflow.unassigned'>
  | Word<'workflow.completed'>
  | Word<'workflow.cancelled'>
  | Word<'workflow.extended', ExtensionAsk>
  | Word<
      'workflow.failed',
      { readonly error: ErrorReport; readonly retryable: boolean; readonly jitter: number }
    >
  | { readonly type: 'cancel.requested'; readonly reason: string }
  | ({ readonly type: 'worker.ended' } & WorkerRef)
  | ({ readonly type: 'lease.over' } & WorkerRef)
  | { readonly type: 'workflow.poisoned'; readonly error: ErrorReport }
