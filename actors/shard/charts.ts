import { createStepper, FoldError, type TimerEvent } from '@covey/engine'
import {
  attemptKey,
  jobMachine,
  type WorkflowEnd,
  type WorkflowEvent,
  workflowMachine,
} from '@covey/machines'
import {
  CoveyError,
  joinWorkflowId,
  type LogEventOf,
  limits,
  reportOfError,
  type Step,
} from '@covey/protocol'
import { tell } from './listening.js'
import { keepEnded } from './retention.js'
import {
  countWorkflow,
  isEnded,
  isHeld,
  type JobRecord,
  type LogPlace,
  type ShardState,
  stateOf,
  type WorkflowRecord,
  workerKey,
} from './shard-state.js'

/** Steps the chart of a workflow. */
export const workflowStepper = createStepper(workflowMachine)
/** Steps the chart of a job. */
export const jobStepper = createStepper(jobMachine)

/** Most jobs are one workflow that waits for nothing: they take the same steps, which are taken once and shared. */
const jobOfOneChunk = jobStepper.initial({ chunksExpected: 1 }).snapshot
const jobOfOneWorkflow = jobStepper.step(jobOfOneChunk, { type: 'chunk.added', workflows: 1 }).snapshot
/** Nothing in how such a job has ended is its own either. */
const endOfOneWorkflow = (state: WorkflowEnd): typeof jobOfOneWorkflow =>
  jobStepper.step(jobOfOneWorkflow, { type: 'workflow.ended', state }).snapshot
const endsOfOneWorkflow: Readonly<Record<WorkflowEnd, typeof jobOfOneWorkflow>> = {
  completed: endOfOneWorkflow('completed'),
  failed: endOfOneWorkflow('failed'),
  cancelled: endOfOneWorkflow('cancelled'),
  skipped: endOfOneWorkflow('skipped'),
}
const newWorkflow = workflowStepper.initial(undefined).snapshot
const readyWorkflow = workflowStepper.step(newWorkflow, { type: 'dependencies.done' })

type JobEvent = Parameters<typeof jobStepper.step>[1]
type Submitted = Pick<LogEventOf<'job.submitted'>, 'job' | 'digest' | 'chunk' | 'trace'>

/** Makes the record of a new job; it counts as running. */
export function createJob(
  state: ShardState,
  { job: id, digest, chunk, trace }: Submitted,
  at: LogPlace,
): JobRecord {
  const chunksExpected = chunk.count
  const snapshot = chunksExpected === 1 ? jobOfOneChunk : jobStepper.initial({ chunksExpected }).snapshot
  const job: JobRecord = {
    kind: 'job',
    id,
    digest,
    trace: trace ?? null,
    chunks: chunk.count === 1 ? null : new Set(),
    steps: new Map(),
    submittedAtMs: state.timeMs,
    counted: null,
    snapshot,
    at,
    sinceMs: state.timeMs,
  }
  state.jobs.set(id, job)
  state.jobCounts.running += 1
  tell(state, { record: job, from: '', event: 'job.submitted', to: 'running', at, elapsedMs: 0 })
  return job
}

/** Makes the record of a new workflow of a job. */
export function createWorkflow(state: ShardState, job: JobRecord, step: Step, at: LogPlace): WorkflowRecord {
  const record: WorkflowRecord = {
    kind: 'workflow',
    id: joinWorkflowId(job.id, step.step),
    job,
    step: step.step,
    name: step.name,
    input: step.input,
    after: step.after,
    demand: step.demand ?? null,
    key: attemptKey(step.name, step.demand?.key),
    dependents: [],
    missing: 0,
    snapshot: newWorkflow,
    due: null,
    result: null,
    at,
    sinceMs: state.timeMs,
  }
  job.steps.set(record.step, record)
  state.workflows.set(record.id, record)
  countWorkflow(state.workflowCounts, 'waiting', 1)
  tell(state, { record, from: '', event: 'job.submitted', to: 'waiting', at, elapsedMs: 0 })
  return record
}

function nextOfJob({ snapshot }: JobRecord, event: JobEvent): JobRecord['snapshot'] {
  const isFirst = snapshot === jobOfOneChunk && event.type === 'chunk.added' && event.workflows === 1
  if (isFirst) return jobOfOneWorkflow
  const isOnly = snapshot === jobOfOneWorkflow && event.type === 'workflow.ended'
  return isOnly ? endsOfOneWorkflow[event.state] : jobStepper.step(snapshot, event).snapshot
}

/** Moves a job's chart; true when its state changed. */
export function moveJob(state: ShardState, job: JobRecord, event: JobEvent, at: LogPlace): boolean {
  const from = job.snapshot.value
  job.snapshot = nextOfJob(job, event)
  const to = job.snapshot.value
  if (from === to) return false
  state.jobCounts[from] -= 1
  state.jobCounts[to] += 1
  const elapsedMs = state.timeMs - job.sinceMs
  job.at = at
  job.sinceMs = state.timeMs
  tell(state, { record: job, from, event: event.type, to, at, elapsedMs })
  if (isEnded(to)) keepEnded(state, job)
  return true
}

/** Counts an attempt that a worker holds for its key, or no more. */
export function countHeld({ heldKeys }: ShardState, { key }: WorkflowRecord, by: 1 | -1): void {
  const held = (heldKeys.get(key) ?? 0) + by
  if (held === 0) heldKeys.delete(key)
  else heldKeys.set(key, held)
}

function attach(state: ShardState, record: WorkflowRecord, from: string, to: string): void {
  const { worker, generation } = record.snapshot.context
  if (worker === null || isHeld(from) === isHeld(to)) return
  const key = workerKey(worker, generation)
  const held = state.attempts.get(key)
  countHeld(state, record, isHeld(to) ? 1 : -1)
  if (isHeld(to)) {
    if (held) held.add(record)
    else state.attempts.set(key, new Set([record]))
    return
  }
  held?.delete(record)
  if (held?.size === 0) state.attempts.delete(key)
}

function stepOrPoison(state: ShardState, record: WorkflowRecord, event: WorkflowEvent | TimerEvent) {
  if (record.snapshot === newWorkflow && event.type === 'dependencies.done') return readyWorkflow
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
  countWorkflow(state.workflowCounts, from, -1)
  countWorkflow(state.workflowCounts, to, 1)
  const [armed] = step.armed
  record.due = armed
    ? {
        event: armed.event as TimerEvent,
        dueMs: state.timeMs + armed.delayMs,
        armedAt: `${at.sequence}.${at.index}`,
      }
    : null
  attach(state, record, from, to)
  const elapsedMs = state.timeMs - record.sinceMs
  record.at = at
  record.sinceMs = state.timeMs
  tell(state, { record, from, event: event.type, to, at, elapsedMs })
  return isEnded(to) ? (to as WorkflowEnd) : undefined
}
