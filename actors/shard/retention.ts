import { limits, resultBytes } from '@covey/protocol'
import { errorBytes } from './frame-sizes.js'
import { tell } from './listening.js'
import type { JobRecord, LogPlace, ShardState, WorkflowRecord } from './shard-state.js'

const nothing = new Uint8Array(0)
/** What a record takes beside its result and its error, about. */
const recordBytes = 512

const bytesOf = (job: JobRecord): number => {
  let bytes = 0
  for (const { result, snapshot } of job.steps.values())
    bytes += recordBytes + (result === null ? 0 : resultBytes(result)) + errorBytes(snapshot.context.error)
  for (const { value } of job.counted ?? []) bytes += value.byteLength
  return bytes
}

/**
 * Keeps a job that has ended: retention counts from here, and not from the end of one of its workflows, whose result
 * others of the job may still need (K37). What it was given is needed no more.
 */
export function keepEnded(state: ShardState, job: JobRecord): void {
  for (const record of job.steps.values()) record.input = nothing
  const bytes = bytesOf(job)
  state.ended.set(job, bytes)
  state.endedWorkflows += job.steps.size
  state.endedBytes += bytes
}

function isPast({ retention, endedWorkflows, endedBytes, timeMs }: ShardState, job: JobRecord): boolean {
  return (
    endedWorkflows > retention.workflows ||
    endedBytes > retention.bytes ||
    timeMs - job.sinceMs > retention.ms
  )
}

/** Tells that a chart is no more: no event of its machine did that, and no state follows. */
function tellGone(state: ShardState, record: JobRecord | WorkflowRecord, at: LogPlace): void {
  const elapsedMs = state.timeMs - record.sinceMs
  tell(state, { record, from: record.snapshot.value, event: '', to: '', at, elapsedMs })
}

/** Forgets the ids of jobs that went first, as far as there are more than are kept. */
function forgetOldest(state: ShardState): void {
  const { expired, retention } = state
  while (expired.size > (retention.ids ?? limits.expiredJobsKept)) {
    const gone = expired.shift()
    if (gone !== undefined) state.horizon = Math.max(state.horizon, gone.sequence)
  }
}

function expire(state: ShardState, job: JobRecord, bytes: number, at: LogPlace): void {
  for (const record of job.steps.values()) tellGone(state, record, at)
  tellGone(state, job, at)
  state.endedWorkflows -= job.steps.size
  state.endedBytes -= bytes
  for (const { id } of job.steps.values()) state.workflows.delete(id)
  state.jobs.delete(job.id)
  state.expired.set(job.id, { digest: job.digest, sequence: job.at.sequence })
  forgetOldest(state)
}

/**
 * Lets go of the jobs that ended first, as far as the shard keeps more than it is to keep. Of them it is known for a
 * while that they were there, so that who asks hears `expired`, and a submission that comes again does not run again. Even
 * that is forgotten: from then on a submission that was sent before they ended may be one of them (K25). Who listens is
 * told, workflows before their job, at a place behind all that the batch did.
 */
export function expireEnded(state: ShardState, at: LogPlace): void {
  const { ended } = state
  for (let job = ended.oldest; job !== undefined && isPast(state, job); job = ended.oldest) {
    expire(state, job, ended.shift() ?? 0, at)
  }
}

/**
 * Whether a submission of a job that nobody knows may be one that ran and was forgotten: its client had not heard yet of
 * where the last of those ended, or does not say what it had heard (K25).
 */
export const isTooOld = (
  { horizon }: Pick<ShardState, 'horizon'>,
  { since = 0 }: { readonly since?: number },
): boolean => since < horizon
