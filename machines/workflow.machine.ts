import { workflowSetup } from './workflow.setup.js'

const cancelPending = { target: 'cancelled', actions: 'keepCancelReason' } as const
const failureCandidates = [
  { guard: 'isCurrentAndRetries', target: 'backingOff', actions: 'countFailure' },
  { guard: 'isCurrent', target: 'failed', actions: 'countLastFailure' },
] as const
const completion = { guard: 'isCurrent', target: 'completed', actions: 'clearError' } as const
const workerLost = [
  { guard: 'isWorkerOfSharedWork', target: 'queued', actions: 'countLoss' },
  { guard: 'isWorker', target: 'fencing' },
] as const
/** The worker's word that nothing of the attempt runs: what was ordered happens, else the workflow is free again. */
const stoppedCandidates = [
  { guard: 'isCurrentAndCancelled', target: 'cancelled', actions: 'keepCancelReason' },
  { guard: 'isCurrentAndTimeoutRetries', target: 'backingOff', actions: 'countFailure' },
  { guard: 'isCurrent', target: 'failed', actions: 'countLastFailure' },
] as const

/**
 * One workflow, folded from its shard's log by every manager (architecture 6). It moves only on events that are already
 * in the log, so dispatch and cancel have one order, and the loser finds no transition (paragraph 28).
 */
export const workflowMachine = workflowSetup.createMachine({
  id: 'workflow',
  version: '1',
  options: { maxIterations: 1_000 },
  context: {
    attempt: 0,
    failures: 0,
    lost: 0,
    token: null,
    worker: null,
    generation: 0,
    credits: [],
    policy: null,
    stop: null,
    error: null,
    backoffMs: 0,
    extension: null,
  },
  initial: 'waiting',
  on: { 'workflow.poisoned': { target: '.failed', actions: 'takeError' } },
  states: {
    waiting: {
      description: 'Its dependencies, or the rest of its job, have not arrived yet.',
      meta: { rests: 'its dependencies, each of which ends by its own chart' },
      on: {
        'dependencies.done': { target: 'queued' },
        'dependency.ended': { target: 'skipped', actions: 'takeError' },
        'cancel.requested': cancelPending,
      },
    },
    queued: {
      description: 'Ready to run; it waits for a credit of a worker that offers it.',
      meta: { rests: 'a credit: placement looks at every queued workflow whenever one arrives' },
      on: {
        'workflow.assigned': { target: 'assigned', actions: 'assignWorker' },
        'workflow.completed': completion,
        'workflow.failed': failureCandidates,
        'cancel.requested': cancelPending,
      },
    },
    assigned: {
      description: 'Given to a worker under a token; no word has come yet.',
      meta: { rests: 'the leader, which asks about it until the worker answers or ends (K4, K8)' },
      on: {
        'workflow.started': { guard: 'isCurrent', target: 'running' },
        'workflow.refused': { guard: 'isCurrent', target: 'queued' },
        'workflow.unassigned': { guard: 'isCurrent', target: 'queued' },
        'workflow.completed': completion,
        'workflow.failed': failureCandidates,
        'cancel.requested': { target: 'cancelling', actions: 'orderCancel' },
        'worker.ended': workerLost,
      },
    },
    running: {
      description: 'Its worker has said that the function runs.',
      on: {
        'workflow.completed': completion,
        'workflow.failed': failureCandidates,
        'workflow.unassigned': [
          { guard: 'isCurrentAndLostTooOften', target: 'failed', actions: 'failLost' },
          { guard: 'isCurrent', target: 'queued', actions: 'countLoss' },
        ],
        'workflow.extended': { guard: 'isCurrentAndMayExtend', actions: 'extend' },
        'cancel.requested': { target: 'cancelling', actions: 'orderCancel' },
        'worker.ended': workerLost,
      },
      after: {
        runTimeoutMs: {
          target: 'cancelling',
          actions: 'orderTimeout',
        },
      },
    },
    backingOff: {
      description: 'An attempt failed; the next one waits for its backoff.',
      on: { 'cancel.requested': cancelPending },
      after: { backoffMs: { target: 'queued' } },
    },
    cancelling: {
      description: "A stop is ordered; only the worker's word or the worker's end finishes it.",
      meta: { rests: 'the leader, which repeats the order until the worker answers or ends (K8)' },
      on: {
        'workflow.cancelled': stoppedCandidates,
        'workflow.failed': stoppedCandidates,
        'workflow.refused': stoppedCandidates,
        'workflow.unassigned': stoppedCandidates,
        'workflow.completed': [
          { guard: 'isCurrentAndCancelled', target: 'cancelled', actions: 'keepCancelReason' },
          completion,
        ],
        'cancel.requested': { actions: 'orderCancel' },
        'worker.ended': { guard: 'isWorker', target: 'fencing' },
      },
    },
    fencing: {
      description: 'Its worker is gone but its lease is not over: the attempt may still run.',
      meta: { rests: 'the logged lease.over, which the leader owes every ended worker (K8)' },
      on: {
        'lease.over': [
          { guard: 'isLeaseOfCancelled', target: 'cancelled', actions: 'keepCancelReason' },
          { guard: 'isLeaseOfLostTooOften', target: 'failed', actions: 'failLost' },
          { guard: 'isWorker', target: 'queued', actions: 'countLoss' },
        ],
        'workflow.completed': [
          { guard: 'isCurrentAndCancelled', target: 'cancelled', actions: 'keepCancelReason' },
          completion,
        ],
        'workflow.failed': [
          { guard: 'isCurrentAndCancelled', target: 'cancelled', actions: 'keepCancelReason' },
          ...failureCandidates,
        ],
        'workflow.cancelled': [
          { guard: 'isCurrentAndCancelled', target: 'cancelled', actions: 'keepCancelReason' },
          { guard: 'isCurrent', target: 'queued', actions: 'countLoss' },
        ],
        'workflow.unassigned': [
          { guard: 'isCurrentAndCancelled', target: 'cancelled', actions: 'keepCancelReason' },
          { guard: 'isCurrentAndLostTooOften', target: 'failed', actions: 'failLost' },
          { guard: 'isCurrent', target: 'queued', actions: 'countLoss' },
        ],
        'cancel.requested': { actions: 'orderCancel' },
      },
    },
    completed: { type: 'final', description: 'Its result is in the log.' },
    failed: { type: 'final', description: 'No attempt is left, or none could succeed.' },
    cancelled: { type: 'final', description: 'Cancelled; nothing of it runs or will start.' },
    skipped: { type: 'final', description: 'A dependency did not complete, so it never ran.' },
  },
})
