import { type ErrorReport, limits, type Policy, type TokenText } from '@covey/protocol'
import { assign, setup } from 'xstate'
import { retryDelayMs } from './rules/retry-delay.js'

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
  /** The last token given out: its result counts until a higher one is assigned (K9). */
  token: TokenText | null
  worker: string | null
  generation: number
  credits: readonly number[]
  policy: Policy | null
  stop: StopOrder | null
  error: ErrorReport | null
  backoffMs: number
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
  | Word<'workflow.failed', { readonly error: ErrorReport; readonly retryable: boolean; readonly jitter: number }>
  | { readonly type: 'cancel.requested'; readonly reason: string }
  | ({ readonly type: 'worker.ended' } & WorkerRef)
  | ({ readonly type: 'lease.over' } & WorkerRef)
  | { readonly type: 'workflow.poisoned'; readonly error: ErrorReport }

type Failure = Extract<WorkflowEvent, { type: 'workflow.failed' }>

const lostError = (context: WorkflowContext): ErrorReport => ({
  code: 'worker_lost',
  message: `the workflow lost its worker ${context.lost + 1} times while it ran; the last was ${context.worker ?? 'unknown'}`,
  mend: 'look at the logs of that worker: the function may kill its process',
})

const timeoutError = (context: WorkflowContext): ErrorReport => ({
  code: 'workflow_timeout',
  message: `the attempt ran longer than ${context.policy?.timeoutMs ?? 0} ms`,
})

const failureOf = (context: WorkflowContext, event: WorkflowEvent): Failure =>
  event.type === 'workflow.failed'
    ? event
    : { type: 'workflow.failed', token: context.token ?? '', error: timeoutError(context), retryable: true, jitter: 0.5 }

const machine = setup({
  types: { context: {} as WorkflowContext, events: {} as WorkflowEvent },
  actions: {
    assignWorker: assign(({ context, event }) => {
      if (event.type !== 'workflow.assigned') return {}
      const { token, worker, generation, credits, policy } = event
      return { token, worker, generation, credits, policy, attempt: context.failures + context.lost + 1, stop: null }
    }),
    countFailure: assign(({ context, event }) => {
      const failure = failureOf(context, event)
      const failures = context.failures + 1
      const backoffMs = context.policy ? retryDelayMs(context.policy, failures, failure.jitter) : 0
      return { failures, error: failure.error, backoffMs, stop: null }
    }),
    countLoss: assign(({ context }) => ({ lost: context.lost + 1, stop: null })),
    failLost: assign(({ context }) => ({ error: lostError(context) })),
    clearError: assign({ error: null, stop: null }),
    orderCancel: assign(({ event }) =>
      event.type === 'cancel.requested' ? { stop: { cause: 'cancel' as const, reason: event.reason } } : {},
    ),
    orderTimeout: assign({ stop: { cause: 'timeout' as const, reason: 'the timeout of the workflow is over' } }),
    keepCancelReason: assign(({ context, event }) => {
      const reason = event.type === 'cancel.requested' ? event.reason : (context.stop?.reason ?? '')
      return { error: { code: 'workflow_cancelled' as const, message: reason }, stop: null }
    }),
    takeError: assign(({ event }) => ('error' in event ? { error: event.error } : {})),
  },
  guards: {
    isCurrent: ({ context, event }) => 'token' in event && event.token === context.token,
    isCurrentAndRetries: ({ context, event }) =>
      event.type === 'workflow.failed' &&
      event.token === context.token &&
      event.retryable &&
      context.failures + 1 < (context.policy?.attempts ?? 1),
    isCurrentAndCancelled: ({ context, event }) =>
      'token' in event && event.token === context.token && context.stop?.cause === 'cancel',
    isCurrentAndLostTooOften: ({ context, event }) =>
      'token' in event && event.token === context.token && context.lost >= limits.lostAttemptsMax,
    isCurrentAndTimeoutRetries: ({ context, event }) =>
      'token' in event && event.token === context.token && context.failures + 1 < (context.policy?.attempts ?? 1),
    isWorker: ({ context, event }) =>
      'worker' in event && event.worker === context.worker && event.generation === context.generation,
    isWorkerOfSharedWork: ({ context, event }) =>
      'worker' in event &&
      event.worker === context.worker &&
      event.generation === context.generation &&
      context.policy?.exclusive === false &&
      context.lost < limits.lostAttemptsMax,
    isLeaseOfCancelled: ({ context, event }) =>
      event.type === 'lease.over' &&
      event.worker === context.worker &&
      event.generation === context.generation &&
      context.stop?.cause === 'cancel',
    isLeaseOfLostTooOften: ({ context, event }) =>
      event.type === 'lease.over' &&
      event.worker === context.worker &&
      event.generation === context.generation &&
      context.lost >= limits.lostAttemptsMax,
  },
  delays: {
    /** The worker aborts at the timeout itself; this is the leader's own watch over a worker that does not. */
    runTimeoutMs: ({ context }) => (context.policy?.timeoutMs ?? limits.workflowTimeoutMsDefault) + 2 * limits.cancelGraceMs,
    backoffMs: ({ context }) => context.backoffMs,
  },
})

const cancelPending = { target: 'cancelled', actions: 'keepCancelReason' } as const
const failureCandidates = [
  { guard: 'isCurrentAndRetries', target: 'backingOff', actions: 'countFailure' },
  { guard: 'isCurrent', target: 'failed', actions: 'countFailure' },
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
  { guard: 'isCurrent', target: 'failed', actions: 'countFailure' },
] as const

/**
 * One workflow, folded from its shard's log by every manager (architecture 6). It moves only on events that are already
 * in the log, so dispatch and cancel have one order, and the loser finds no transition (paragraph 28).
 */
export const workflowMachine = machine.createMachine({
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
