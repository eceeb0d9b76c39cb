import { mayHoldOneMore } from '@covey/machines'
import {
  type BatchMessage,
  batchMessage,
  type ClaimMessage,
  CoveyError,
  claimMessage,
  defaultRetention,
  formatToken,
  type LogEvent,
  type LogEventOf,
  limits,
  type Subjects,
} from '@covey/protocol'
import type { LogEntry } from '@covey/transport'
import { type CancelledWorkflow, keepSwept } from './answered-cancels.js'
import { moveWorkflow } from './charts.js'
import { isByLeader, isNext } from './continuity.js'
import { noteWorkerEnded } from './ended-workers.js'
import { applyCancel, applySubmit, endWorkflow, type SubmitOutcome } from './fold-jobs.js'
import { expireEnded } from './retention.js'
import { type LogPlace, type ShardState, type WorkflowRecord, workerKey } from './shard-state.js'
import { termOf, withTerm } from './terms.js'

/** What one event did, for whoever proposed it. */
export type Applied =
  | { readonly kind: 'submit'; readonly outcome: SubmitOutcome; readonly place: LogPlace }
  | { readonly kind: 'cancel'; readonly workflows: readonly CancelledWorkflow[]; readonly place: LogPlace }
  /** Whether the chart of its workflow took it. */
  | { readonly kind: 'assignment'; readonly taken: boolean; readonly place: LogPlace }
  | { readonly kind: 'other'; readonly place: LogPlace }

type AttemptEvent = Extract<LogEvent, { token: string }>

/** Answers whether the attempt is that of the workflow from here on. */
function applyAssigned(state: ShardState, event: LogEventOf<'workflow.assigned'>, place: LogPlace): boolean {
  const record = state.workflows.get(event.workflow)
  // Invariant 11: nothing is assigned to a generation that the log calls ended.
  if (!record || event.generation <= (state.endedGenerations.get(event.worker) ?? 0)) return false
  // Whatever a leader knew when it proposed this: no key is held more often than the policy allows.
  if (!mayHoldOneMore(state.heldKeys.get(record.key) ?? 0, event.policy)) return false
  const { streamEpoch, epoch } = state
  const { type, worker, generation, credits, policy } = event
  const token = formatToken({ streamEpoch, epoch, sequence: place.sequence, index: place.index })
  moveWorkflow(state, record, { type, worker, generation, credits, policy, token }, place)
  return record.snapshot.context.token === token
}

function applyWord(state: ShardState, event: AttemptEvent, place: LogPlace): void {
  const record = state.workflows.get(event.workflow)
  if (!record) return
  const end = moveWorkflow(state, record, event, place)
  // Only the word that completed it: a terminal record never changes, and no stale result shows (invariants 3, 7).
  if (end === 'completed' && event.type === 'workflow.completed') record.result = event.result
  if (end === 'completed' || end === 'failed') keepCounted(record, event)
  if (end) endWorkflow(state, record, place)
}

/** Only of the attempt that ended it: what was lost, is tried again or comes late counts nothing. */
function keepCounted({ job, step }: WorkflowRecord, event: AttemptEvent): void {
  if (!('statistics' in event) || event.statistics === undefined) return
  job.counted ??= []
  job.counted.push({ step, token: event.token, value: event.statistics })
}

/** More time for an attempt moves its recorded due time; one that was due before is not the one that is armed now (K16). */
function applyExtended(
  state: ShardState,
  event: LogEventOf<'workflow.extended'>,
  { sequence, index }: LogPlace,
): void {
  const record = state.workflows.get(event.workflow)
  if (!record) return
  const before = record.snapshot.context.extension?.ms ?? 0
  moveWorkflow(state, record, event, { sequence, index })
  const grantedMs = (record.snapshot.context.extension?.ms ?? 0) - before
  if (grantedMs <= 0 || record.due === null) return
  record.due = {
    ...record.due,
    dueMs: record.due.dueMs + grantedMs,
    armedAt: `${sequence}.${index}`,
  }
}

function applyToHeld(
  state: ShardState,
  event: LogEventOf<'worker.ended'> | LogEventOf<'lease.over'>,
  place: LogPlace,
): void {
  if (event.type === 'worker.ended') noteWorkerEnded(state, event.worker, event.generation)
  for (const record of [...(state.attempts.get(workerKey(event.worker, event.generation)) ?? [])]) {
    if (moveWorkflow(state, record, event, place)) endWorkflow(state, record, place)
  }
}

function applyDue(state: ShardState, event: LogEventOf<'timer.due'>, place: LogPlace): void {
  const record = state.workflows.get(event.workflow)
  const due = record?.due
  if (!record || !due || due.armedAt !== event.armedAt) return
  record.due = null
  if (moveWorkflow(state, record, due.event, place)) endWorkflow(state, record, place)
}

function applySwept(state: ShardState, event: LogEventOf<'cancel.swept'>): void {
  const { type: _, by, ...answer } = event
  keepSwept(state, by, answer)
}

/** A snapshot exists from here on; its name tells the epoch of whoever wrote it, whose event this is (K3). */
function applySnapshot(state: ShardState, event: LogEventOf<'snapshot.taken'>): void {
  const { streamEpoch, epoch, events, snapshots } = state
  const { sequence, parts, bytes, digest, outbox = 0 } = event
  snapshots.push({ streamEpoch, epoch, sequence, parts, bytes, digest, events, outbox })
  if (snapshots.length > limits.snapshotsNamedMax) snapshots.shift()
}

/** Folds one event of a batch. Total: whatever it says, it does the same at every manager, or nothing (K38). */
function applyEvent(state: ShardState, event: LogEvent, place: LogPlace): Applied {
  switch (event.type) {
    case 'job.submitted':
      return { kind: 'submit', outcome: applySubmit(state, event, place), place }
    case 'cancel.requested':
      return { kind: 'cancel', workflows: applyCancel(state, event, place), place }
    case 'cancel.swept':
      applySwept(state, event)
      break
    case 'workflow.assigned':
      return { kind: 'assignment', taken: applyAssigned(state, event, place), place }
    case 'workflow.extended':
      applyExtended(state, event, place)
      break
    case 'worker.ended':
    case 'lease.over':
      applyToHeld(state, event, place)
      break
    case 'timer.due':
      applyDue(state, event, place)
      break
    case 'release.announced':
      break
    case 'snapshot.taken':
      applySnapshot(state, event)
      break
    default:
      applyWord(state, event, place)
  }
  return { kind: 'other', place }
}

/** Folds a batch at its sequence, and says of each event what it did. */
export function applyBatch(
  state: ShardState,
  batch: Pick<BatchMessage, 'elapsedMs' | 'events'>,
  sequence: number,
  told?: (index: number, applied: Applied) => void,
): void {
  state.sequence = sequence
  state.timeMs += batch.elapsedMs
  batch.events.forEach((event, index) => {
    const applied = applyEvent(state, event, { sequence, index })
    told?.(index, applied)
  })
  state.events += batch.events.length
  expireEnded(state, { sequence, index: batch.events.length })
}

/**
 * Folds the claim of an epoch: from here on, its leader's batches follow. One that raises the stream epoch says that entries
 * were lost behind what is folded: what they assigned may still run somewhere (K11).
 */
export function applyClaim(state: ShardState, claim: ClaimMessage, sequence: number): void {
  state.sequence = sequence
  state.timeMs += claim.elapsedMs
  if (claim.streamEpoch > state.streamEpoch) state.restoredAtMs = state.timeMs
  state.streamEpoch = claim.streamEpoch
  state.epoch = claim.epoch
  state.foldVersion = claim.foldVersion
  state.retention = claim.retention ?? defaultRetention
  state.terms = withTerm(state.terms, { sequence, term: termOf(claim) })
  state.leader = { nodeId: claim.leader, generation: claim.generation, bootId: claim.bootId }
}

/** What a message of the log was. */
export type Folded = 'batch' | 'released' | 'claim' | 'skipped' | 'repeated' | 'hole' | 'foreign'

function applyUnknown(state: ShardState, sequence: number): Folded {
  state.skippedMessages += 1
  state.sequence = sequence
  return 'skipped'
}

/**
 * Folds one message of the log. Message n is applied only after n-1: a `hole` changes nothing, and its manager may not
 * act (K2). What is neither a batch nor a claim, or cannot be read, is skipped and counted (K20), equally everywhere.
 * With `continues`, a message that cannot follow what is folded is `foreign` and changes nothing: the log has lost what was
 * folded of it, and others have written on (K11).
 */
export function applyEntry(
  state: ShardState,
  subjects: Subjects,
  entry: LogEntry,
  continues = false,
): Folded {
  if (entry.sequence <= state.sequence) return 'repeated'
  if (entry.sequence !== state.sequence + 1) return 'hole'
  try {
    if (entry.subject === subjects.batch(state.shard)) {
      const batch = batchMessage.decode(entry.data)
      if (continues && !isByLeader(state, batch)) return 'foreign'
      applyBatch(state, batch, entry.sequence)
      return batch.events.some((event) => event.type === 'release.announced') ? 'released' : 'batch'
    }
    const claim = claimMessage.decode(entry.data)
    if (entry.subject !== subjects.claim(state.shard, claim.epoch)) return applyUnknown(state, entry.sequence)
    if (continues && !isNext(state, claim)) return 'foreign'
    applyClaim(state, claim, entry.sequence)
    return 'claim'
  } catch (error) {
    if (error instanceof CoveyError && error.code === 'invalid_message')
      return applyUnknown(state, entry.sequence)
    throw error
  }
}
