import type { TimerEvent } from '@covey/engine'
import type { jobMachine, workflowMachine } from '@covey/machines'
import {
  type Counted,
  type Demand,
  defaultRetention,
  type Retention,
  type SnapshotPlace,
  type TraceContext,
} from '@covey/protocol'
import type { SnapshotFrom } from 'xstate'
import type { Environment } from '../environment.js'
import { AgedMap } from './aged-map.js'
import type { CancelAnswered, SweepAnswered } from './answered-cancels.js'
import type { ClaimedTerm } from './terms.js'

/** A state of the chart of a workflow. */
export type WorkflowState = SnapshotFrom<typeof workflowMachine>['value']
/** A state of the chart of a job. */
type JobState = SnapshotFrom<typeof jobMachine>['value']

/** A place in the log: the sequence of the batch and the index of the event in it. */
export interface LogPlace {
  readonly sequence: number
  readonly index: number
}

/** A due time of a chart, in the shard's own time (K16). No timer ever runs for it in a fold. */
interface DueTime {
  readonly event: TimerEvent
  readonly dueMs: number
  readonly armedAt: string
}

/** One workflow, as folded. */
export interface WorkflowRecord {
  readonly kind: 'workflow'
  readonly id: string
  readonly job: JobRecord
  readonly step: string
  readonly name: string
  /** Empty once its job has ended. */
  input: Uint8Array
  readonly after: readonly string[]
  readonly demand: Demand | null
  /** What it counts for where attempts of one key are limited: `attemptKey`. */
  readonly key: string
  readonly dependents: WorkflowRecord[]
  /** Dependencies that have not completed yet. */
  missing: number
  snapshot: SnapshotFrom<typeof workflowMachine>
  due: DueTime | null
  result: Uint8Array | null
  at: LogPlace
  sinceMs: number
}

/** One job, as folded. */
export interface JobRecord {
  readonly kind: 'job'
  readonly id: string
  readonly digest: string
  /** Where whoever submitted it stood; `null` where nobody traced. */
  readonly trace: TraceContext | null
  /** The chunks that are in the log; `null` where it came in one. */
  readonly chunks: Set<number> | null
  readonly steps: Map<string, WorkflowRecord>
  readonly submittedAtMs: number
  /** What its workflows counted, in the order of their ends; `null` before any has counted anything. */
  counted: Counted[] | null
  snapshot: SnapshotFrom<typeof jobMachine>
  at: LogPlace
  sinceMs: number
}

/** One folded chart went from one state to another. */
export interface FoldedTransition {
  readonly record: WorkflowRecord | JobRecord
  readonly from: string
  /** Empty, as `to` is, where it is kept no more. */
  readonly event: string
  readonly to: string
  readonly at: LogPlace
  readonly elapsedMs: number
}

/** A job that is kept no more: what it was, and the sequence at which it had ended. */
export interface ExpiredJob {
  readonly digest: string
  readonly sequence: number
}

/** A snapshot of the shard that its log names. */
interface NamedSnapshot extends SnapshotPlace {
  readonly parts: number
  readonly bytes: number
  readonly digest: string
  /** How many events had been folded when it was named. */
  readonly events: number
  /** Up to which sequence of the outbox its words are in it. */
  readonly outbox: number
}

/** Everything that the log of one shard says, and nothing else: equal at every manager at the same sequence. */
export interface ShardState {
  readonly shard: number
  streamEpoch: number
  /** When the stream epoch was raised last, in the time of the shard; `null` where it never was (K11). */
  restoredAtMs: number | null
  epoch: number
  leader: { readonly nodeId: string; readonly generation: number; readonly bootId: string } | null
  /** The newest claims, the newest last: who wrote what (K11). */
  terms: readonly ClaimedTerm[]
  /** The fold version named by the newest claim: another one may be followed, never led after (K38). */
  foldVersion: number
  sequence: number
  timeMs: number
  readonly jobs: Map<string, JobRecord>
  readonly workflows: Map<string, WorkflowRecord>
  /** Of all there ever were, also those that are kept no more. */
  readonly jobCounts: Record<JobState, number>
  readonly workflowCounts: Record<WorkflowState, number>
  /** Attempts that a worker's generation holds, by `<node>.<generation>`. */
  readonly attempts: Map<string, Set<WorkflowRecord>>
  /** How many attempts of each key workers hold: those in {@link attempts}. */
  readonly heldKeys: Map<string, number>
  /** The newest generation of each worker that the log calls ended (invariant 11); of those that ended last. */
  readonly endedGenerations: Map<string, number>
  /** What is kept of jobs that have ended, as the newest claim says. */
  retention: Retention
  /** Jobs that have ended and are kept, first those that ended first, and the bytes of what is kept of each. */
  readonly ended: AgedMap<JobRecord, number>
  endedWorkflows: number
  endedBytes: number
  /** Ids of jobs that were kept and are no more. */
  readonly expired: AgedMap<string, ExpiredJob>
  /** What a submit that is older may have run as is not known any more (K25). */
  horizon: number
  /** What cancels did, by {@link commandKey}: the oldest first (K24). */
  readonly answered: Map<string, CancelAnswered>
  answeredOutcomes: number
  /** What cancels by filter met, alike. */
  readonly swept: Map<string, SweepAnswered>
  /** Events of all batches. */
  events: number
  /** The newest snapshots that the log names, the newest last. */
  readonly snapshots: NamedSnapshot[]
  /** Messages that are neither a batch nor a claim, and events on which a chart threw. */
  skippedMessages: number
  poisonedEvents: number
  readonly listeners: Set<(transition: FoldedTransition) => void>
  /** Hears of listeners that throw: the fold goes on, for the log is true whoever listens. Without it, who folds does. */
  readonly notice: Environment['notice'] | undefined
}

/** No workflow in any state. */
export const noWorkflows = (): Record<WorkflowState, number> => ({
  ...{ waiting: 0, queued: 0, assigned: 0, running: 0, backingOff: 0, cancelling: 0, fencing: 0 },
  ...{ completed: 0, failed: 0, cancelled: 0, skipped: 0 },
})

/**
 * Counts a workflow in a state, or out of it. Written out, for it is done at every step of every workflow: by a key that
 * changes it would cost ten times as much.
 */
export function countWorkflow(counts: Record<WorkflowState, number>, state: WorkflowState, by: 1 | -1): void {
  switch (state) {
    case 'waiting':
      counts.waiting += by
      break
    case 'queued':
      counts.queued += by
      break
    case 'assigned':
      counts.assigned += by
      break
    case 'running':
      counts.running += by
      break
    case 'completed':
      counts.completed += by
      break
    case 'backingOff':
      counts.backingOff += by
      break
    case 'cancelling':
      counts.cancelling += by
      break
    case 'fencing':
      counts.fencing += by
      break
    case 'failed':
      counts.failed += by
      break
    case 'cancelled':
      counts.cancelled += by
      break
    case 'skipped':
      counts.skipped += by
      break
  }
}

/** The state of a shard whose log is empty. */
export const emptyShard = (
  shard: number,
  foldVersion: number,
  notice?: Environment['notice'],
): ShardState => ({
  shard,
  streamEpoch: 1,
  restoredAtMs: null,
  epoch: 0,
  leader: null,
  terms: [],
  foldVersion,
  sequence: 0,
  timeMs: 0,
  jobs: new Map(),
  workflows: new Map(),
  jobCounts: { running: 0, cancelling: 0, completed: 0, failed: 0, cancelled: 0 },
  workflowCounts: noWorkflows(),
  attempts: new Map(),
  heldKeys: new Map(),
  endedGenerations: new Map(),
  retention: defaultRetention,
  ended: new AgedMap(),
  endedWorkflows: 0,
  endedBytes: 0,
  expired: new AgedMap(),
  horizon: 0,
  answered: new Map(),
  answeredOutcomes: 0,
  swept: new Map(),
  events: 0,
  snapshots: [],
  skippedMessages: 0,
  poisonedEvents: 0,
  listeners: new Set(),
  notice,
})

/** The key of a worker's generation in {@link ShardState.attempts}. */
export const workerKey = (worker: string, generation: number): string => `${worker}.${generation}`

/** The state of a workflow's chart. */
export const stateOf = (record: WorkflowRecord): WorkflowState => record.snapshot.value

const heldStates: ReadonlySet<string> = new Set(['assigned', 'running', 'cancelling', 'fencing'])
const endStates: ReadonlySet<string> = new Set(['completed', 'failed', 'cancelled', 'skipped'])

/** Whether a chunk of a job is in the log. */
export const hasChunk = ({ chunks }: JobRecord, index: number): boolean =>
  chunks === null ? index === 0 : chunks.has(index)
/** Whether all chunks of a job are in the log. */
export const isComplete = ({ chunks, snapshot }: JobRecord): boolean =>
  chunks === null || chunks.size === snapshot.context.chunksExpected

/** Whether a worker may be at work on a workflow in this state. */
export const isHeld = (state: string): boolean => heldStates.has(state)
/** Whether nothing can happen to a workflow in this state any more. */
export const isEnded = (state: string): boolean => endStates.has(state)
