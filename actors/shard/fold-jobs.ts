import type { CancelOutcome, ErrorReport, LogEventOf } from '@covey/protocol'
import { limits } from '@covey/protocol'
import { type CancelledWorkflow, keepAnswered } from './answered-cancels.js'
import { createJob, createWorkflow, moveJob, moveWorkflow } from './charts.js'
import { findCircle } from './job-graph.js'
import {
  hasChunk,
  isComplete,
  isEnded,
  type JobRecord,
  type LogPlace,
  type ShardState,
  stateOf,
  type WorkflowRecord,
} from './shard-state.js'

/** What a submit did: nothing twice for the same content, nothing at all for other content under the id. */
export type SubmitOutcome = 'submitted' | 'again' | 'conflict'

/** Bytes of everything that one dispatch of the workflow hands over, step names included. */
const handedBytes = (record: WorkflowRecord): number =>
  record.after.reduce(
    (sum, step) => sum + step.length + (record.job.steps.get(step)?.result?.byteLength ?? 0) + 16,
    record.input.byteLength,
  )

const tooLarge = (bytes: number): ErrorReport => ({
  code: 'too_large',
  message: `its input and the results of its dependencies are ${bytes} bytes, more than one dispatch of ${limits.dispatchBytesMax} carries`,
  mend: 'return less from the dependencies, or put a reduce step between',
})

const neverReady = (record: WorkflowRecord): ErrorReport => ({
  code: 'invalid_job',
  message: `${record.id} can never run: by its dependencies it waits for itself or for a step that its job does not have`,
})

/** Lets a workflow run whose dependencies are done; fails it where a dispatch cannot hand all over (K37, K38). */
function release(state: ShardState, record: WorkflowRecord, at: LogPlace): void {
  const bytes = handedBytes(record)
  if (bytes <= limits.dispatchBytesMax) moveWorkflow(state, record, { type: 'dependencies.done' }, at)
  else {
    const ended = moveWorkflow(state, record, { type: 'workflow.poisoned', error: tooLarge(bytes) }, at)
    if (ended) endWorkflow(state, record, at)
  }
}

function tellDependent(
  state: ShardState,
  ended: WorkflowRecord,
  dependent: WorkflowRecord,
  at: LogPlace,
): boolean {
  if (stateOf(ended) === 'completed') {
    dependent.missing -= 1
    if (dependent.missing === 0) release(state, dependent, at)
    return false
  }
  const error: ErrorReport = {
    code: 'workflow_skipped',
    message: `${ended.id}, on which it depends, is ${stateOf(ended)}`,
    address: ended.id,
  }
  return moveWorkflow(state, dependent, { type: 'dependency.ended', error }, at) !== undefined
}

/**
 * Follows the end of a workflow through its job and its dependents, in the same apply (K37). A list, not recursion: a
 * chain may be as long as a job.
 */
export function endWorkflow(state: ShardState, first: WorkflowRecord, at: LogPlace): void {
  const ended = [first]
  for (let next = ended.pop(); next; next = ended.pop()) {
    const end = stateOf(next)
    if (end !== 'completed' && end !== 'failed' && end !== 'cancelled' && end !== 'skipped') continue
    for (const dependent of next.dependents) {
      if (tellDependent(state, next, dependent, at)) ended.push(dependent)
    }
    moveJob(state, next.job, { type: 'workflow.ended', state: end }, at)
  }
}

/** Tells each step of a complete job who waits for it, and how many it waits for. */
export function link(job: JobRecord): void {
  for (const record of job.steps.values()) {
    if (record.after.length === 0) continue
    const dependencies = new Set(record.after)
    record.missing = dependencies.size
    for (const step of dependencies) job.steps.get(step)?.dependents.push(record)
  }
}

/** Fails what waits for itself. The door has checked the graph of a job of one chunk; of several, only the fold sees it whole. */
function failNeverReady(state: ShardState, job: JobRecord, at: LogPlace): void {
  if (job.snapshot.context.chunksExpected === 1) return
  for (const step of findCircle([...job.steps.values()])) {
    const record = job.steps.get(step)
    if (!record) continue
    const event = { type: 'workflow.poisoned' as const, error: neverReady(record) }
    if (moveWorkflow(state, record, event, at)) endWorkflow(state, record, at)
  }
}

/** Begins a complete job. Steps of it may have been cancelled already: who depends on them hears of it now. */
function begin(state: ShardState, job: JobRecord, at: LogPlace): void {
  link(job)
  const cancelled = [...job.steps.values()].filter((record) => isEnded(stateOf(record)))
  failNeverReady(state, job, at)
  for (const record of cancelled) {
    for (const dependent of record.dependents) {
      if (tellDependent(state, record, dependent, at)) endWorkflow(state, dependent, at)
    }
  }
  for (const record of job.steps.values()) {
    if (record.missing === 0 && stateOf(record) === 'waiting') release(state, record, at)
  }
}

/** Folds one chunk of a job. The job begins when its last chunk is in the log. */
export function applySubmit(
  state: ShardState,
  event: LogEventOf<'job.submitted'>,
  at: LogPlace,
): SubmitOutcome {
  const known = state.jobs.get(event.job)
  const expired = known === undefined ? state.expired.get(event.job) : undefined
  const digest = (known ?? expired)?.digest ?? event.digest
  if (digest !== event.digest) return 'conflict'
  if (known ? hasChunk(known, event.chunk.index) : expired !== undefined) return 'again'
  const job = known ?? createJob(state, event, at)
  if (event.chunk.count !== job.snapshot.context.chunksExpected) return 'conflict'
  if (isEnded(job.snapshot.value) || job.snapshot.value === 'cancelling') return 'again'
  job.chunks?.add(event.chunk.index)
  let added = 0
  for (const step of event.workflows) {
    if (job.steps.has(step.step)) continue
    createWorkflow(state, job, step, at)
    added += 1
  }
  moveJob(state, job, { type: 'chunk.added', workflows: added }, at)
  if (isComplete(job)) begin(state, job, at)
  return 'submitted'
}

const pendingStates: ReadonlySet<string> = new Set(['waiting', 'queued', 'backingOff'])

interface Cancelled {
  readonly outcome: CancelOutcome
  /** Whether the cancel ended it: its job and its dependents are to be told. */
  readonly hasEnded: boolean
}

function cancelOne(state: ShardState, record: WorkflowRecord, reason: string, at: LogPlace): Cancelled {
  const before = stateOf(record)
  if (before === 'cancelled' || record.snapshot.context.stop?.cause === 'cancel') {
    return { outcome: 'ALREADY_CANCELLED', hasEnded: false }
  }
  if (isEnded(before)) return { outcome: 'ALREADY_COMPLETED', hasEnded: false }
  const hasEnded = moveWorkflow(state, record, { type: 'cancel.requested', reason }, at) !== undefined
  return { outcome: pendingStates.has(before) ? 'PENDING_CANCELLED' : 'CANCELLED', hasEnded }
}

/** Steps and everything that depends on them, each once: a diamond or a long chain does not loop (H4). */
function withDependents(job: JobRecord, steps: readonly string[]): WorkflowRecord[] {
  const found = new Set<WorkflowRecord>()
  for (const step of steps) {
    const record = job.steps.get(step)
    if (record) found.add(record)
  }
  for (const record of found) for (const dependent of record.dependents) found.add(dependent)
  return [...found]
}

/** Folds a cancel of a job, or of some of its workflows with their dependents. */
export function applyCancel(
  state: ShardState,
  event: LogEventOf<'cancel.requested'>,
  at: LogPlace,
): readonly CancelledWorkflow[] {
  const job = state.jobs.get(event.job)
  if (!job) return []
  const records = event.steps === undefined ? [...job.steps.values()] : withDependents(job, event.steps)
  if (event.steps === undefined) moveJob(state, job, { type: 'cancel.requested' }, at)
  // All charts first, then what follows from their ends: else a dependent would be skipped before its own cancel (H4).
  const ended: WorkflowRecord[] = []
  const workflows = records.map((record) => {
    const { outcome, hasEnded } = cancelOne(state, record, event.reason, at)
    if (hasEnded) ended.push(record)
    return { id: record.id, outcome }
  })
  for (const record of ended) endWorkflow(state, record, at)
  if (event.by !== undefined) keepAnswered(state, event.by, workflows)
  return workflows
}
