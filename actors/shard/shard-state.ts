import { createStepper, FoldError, type TimerEvent } from '@covey/engine'
import { jobMachine, type WorkflowEnd, type WorkflowEvent, workflowMachine } from '@covey/machines'
import { CoveyError, limits, reportOfError } from '@covey/protocol'
import type { SnapshotFrom } from 'xstate'

const workflowStepper = createStepper(workflowMachine)
const jobStepper = createStepper(jobMachine)

/** A state of the chart of a workflow. */
export type WorkflowState = SnapshotFrom<typeof workflowMachine>['value']
/** A state of the chart of a job. */
export type JobState = SnapshotFrom<typeof jobMachine>['value']

/** A place in the log: the sequence of the batch and the index of the event in it. */
export interface LogPlace {
  readonly sequence: number
  readonly index: number
}

/** A due time of a chart, in the shard's own time (K16). No timer ever runs for it in a fold. */
export interface DueTime {
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
  readonly input: Uint8Array
  readonly after: readonly string[]
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
  readonly chunks: Set<number>
  readonly steps: Map<string, WorkflowRecord>
  readonly submittedAtMs: number
  snapshot: SnapshotFrom<typeof jobMachine>
  at: LogPlace
  sinceMs: number
}

/** One folded chart went from one state to another. */
export interface FoldedTransition {
  readonly record: WorkflowRecord | JobRecord
  readonly from: string
  readonly event: string
  readonly to: string
  readonly at: LogPlace
  readonly elapsedMs: number
}

/** Everything that the log of one shard says, and nothing else: equal at every manager at the same sequence. */
export interface ShardState {
  readonly shard: number
  streamEpoch: number
  epoch: number
  leader: { readonly nodeId: string; readonly generation: number; readonly bootId: string } | null
  /** The fold version named by the newest claim: another one may be followed, never led after (K38). */
  foldVersion: number
  sequence: number
  timeMs: number
  readonly jobs: Map<string, JobRecord>
  readonly workflows: Map<string, WorkflowRecord>
  readonly jobCounts: Record<JobState, number>
  /** Attempts that a worker's generation holds, by `<node>.<generation>`. */
  readonly attempts: Map<string, Set<WorkflowRecord>>
  /** The newest generation of each worker that the log calls ended (invariant 11). */
  readonly endedGenerations: Map<string, number>
  /** Messages that are neither a batch nor a claim, and events on which a chart threw. */
  skippedMessages: number
  poisonedEvents: number
  readonly listeners: Set<(transition: FoldedTransition) => void>
}

/** The state of a shard whose log is empty. */
export const emptyShard = (shard: number, foldVersion: number): ShardState => ({
  shard,
  streamEpoch: 1,
  epoch: 0,
  leader: null,
  foldVersion,
  sequence: 0,
  timeMs: 0,
  jobs: new Map(),
  workflows: new Map(),
  jobCounts: { running: 0, cancelling: 0, completed: 0, failed: 0, cancelled: 0 },
  attempts: new Map(),
  endedGenerations: new Map(),
  skippedMessages: 0,
  poisonedEvents: 0,
  listeners: new Set(),
})

/** The key of a worker's generation in {@link ShardState.attempts}. */
export const workerKey = (worker: string, generation: number): string => `${worker}.${generation}`

/** The state of a workflow's chart. */
export const stateOf = (record: WorkflowRecord): WorkflowState => record.snapshot.value

const heldStates: ReadonlySet<string> = new Set(['assigned', 'running', 'cancelling', 'fencing'])
const endStates: ReadonlySet<string> = new Set(['completed', 'failed', 'cancelled', 'skipped'])

/** Whether a worker may be at work on a workflow in this state. */
export const isHeld = (state: string): boolean => heldStates.has(state)
/** Whether nothing can happen to a workflow in this state any more. */
export const isEnded = (state: string): boolean => endStates.has(state)

/** Makes the record of a new job; it counts as running. */
export function createJob(state: ShardState, id: string, digest: string, chunksExpected: number, at: LogPlace): JobRecord {
  const { snapshot } = jobStepper.initial({ chunksExpected })
  const job: JobRecord = {
    kind: 'job',
    id,
    digest,
    chunks: new Set(),
    steps: new Map(),
    submittedAtMs: state.timeMs,
    snapshot,
    at,
    sinceMs: state.timeMs,
  }
  state.jobs.set(id, job)
  state.jobCounts.running += 1
  tell(state, { record: job, from: '', event: 'job.submitted', to: 'running', at, elapsedMs: 0 })
  return job
}

const initialWorkflow = workflowStepper.initial(undefined).snapshot

/** Makes the record of a new workflow of a job. */
export function createWorkflow(
  state: ShardState,
  job: JobRecord,
  step: { readonly step: string; readonly name: string; readonly input: Uint8Array; readonly after: readonly string[] },
  at: LogPlace,
): WorkflowRecord {
  const record: WorkflowRecord = {
    kind: 'workflow',
    id: `${job.id}/${step.step}`,
    job,
    step: step.step,
    name: step.name,
    input: step.input,
    after: step.after,
    dependents: [],
    missing: 0,
    snapshot: initialWorkflow,
    due: null,
    result: null,
    at,
    sinceMs: state.timeMs,
  }
  job.steps.set(record.step, record)
  state.workflows.set(record.id, record)
  tell(state, { record, from: '', event: 'job.submitted', to: 'waiting', at, elapsedMs: 0 })
  return record
}

function tell(state: ShardState, transition: FoldedTransition): void {
  for (const listener of state.listeners) listener(transition)
}

/** Moves a job's chart; true when its state changed. */
export function moveJob(
  state: ShardState,
  job: JobRecord,
  event: Parameters<typeof jobStepper.step>[1],
  at: LogPlace,
): boolean {
  const from = job.snapshot.value
  job.snapshot = jobStepper.step(job.snapshot, event).snapshot
  const to = job.snapshot.value
  if (from === to) return false
  state.jobCounts[from] -= 1
  state.jobCounts[to] += 1
  const elapsedMs = state.timeMs - job.sinceMs
  job.at = at
  job.sinceMs = state.timeMs
  tell(state, { record: job, from, event: event.type, to, at, elapsedMs })
  return true
}

function attach(state: ShardState, record: WorkflowRecord, from: string, to: string): void {
  const { worker, generation } = record.snapshot.context
  if (worker === null || isHeld(from) === isHeld(to)) return
  const key = workerKey(worker, generation)
  const held = state.attempts.get(key)
  if (isHeld(to)) {
    if (held) held.add(record)
    else state.attempts.set(key, new Set([record]))
    return
  }
  held?.delete(record)
  if (held?.size === 0) state.attempts.delete(key)
}

function stepOrPoison(state: ShardState, record: WorkflowRecord, event: WorkflowEvent | TimerEvent) {
  try {
    return workflowStepper.step(record.snapshot, event)
  } catch (error) {
    if (!(error instanceof FoldError)) throw error
    state.poisonedEvents += 1
    const poisoned = new CoveyError('poisoned', `${event.type} made the chart of ${record.id} throw`, {
      address: record.id,
      cause: error,
    })
    return workflowStepper.step(record.snapshot, {
      type: 'workflow.poisoned',
      error: reportOfError(poisoned, limits.errorTextMax),
    })
  }
}

/**
 * Moves a workflow's chart, records the due time it armed, and tells who listens. Returns how the workflow ended where
 * this move ended it. An event without a transition changes nothing. A chart that throws fails its workflow, equally at
 * every manager (K38).
 */
export function moveWorkflow(
  state: ShardState,
  record: WorkflowRecord,
  event: WorkflowEvent | TimerEvent,
  at: LogPlace,
): WorkflowEnd | undefined {
  const step = stepOrPoison(state, record, event)
  if (!step.changed) return undefined
  const from = stateOf(record)
  record.snapshot = step.snapshot
  const to = stateOf(record)
  if (from === to) return undefined
  const [armed] = step.armed
  record.due = armed
    ? { event: armed.event as TimerEvent, dueMs: state.timeMs + armed.delayMs, armedAt: `${at.sequence}.${at.index}` }
    : null
  attach(state, record, from, to)
  const elapsedMs = state.timeMs - record.sinceMs
  record.at = at
  record.sinceMs = state.timeMs
  tell(state, { record, from, event: event.type, to, at, elapsedMs })
  return isEnded(to) ? (to as WorkflowEnd) : undefined
}
