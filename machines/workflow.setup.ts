import { type ErrorReport, limits, withErrorBefore } from '@covey/protocol'
import { assign, setup } from 'xstate'
import { afterExtension, judgeExtension } from './rules/deadline-extension.js'
import { retryDelayMs } from './rules/retry-delay.js'
import type { WorkflowContext, WorkflowEvent } from './workflow.events.js'

type Failure = Extract<WorkflowEvent, { type: 'workflow.failed' }>

const lostError = (context: WorkflowContext): ErrorReport => ({
  code: 'worker_lost',
  message: [
    `the workflow lost its worker ${context.lost + 1} times while it ran, the last time ${context.worker ?? 'unknown'}:`,
    'either the process ended under it, or its event loop was blocked until others took it for dead',
  ].join(' '),
  mend: [
    'the end of the log of that worker tells which: a process that ended says why (process.exit, an exception, memory);',
    'wakeup.late, reentering or fenced mean a blocked event loop: let the function compute in pieces, or in a thread',
  ].join(' '),
})

const timeoutError = (context: WorkflowContext): ErrorReport => ({
  code: 'workflow_timeout',
  message: `the attempt ran longer than ${(context.policy?.timeoutMs ?? 0) + (context.extension?.ms ?? 0)} ms`,
})

const failureOf = (context: WorkflowContext, event: WorkflowEvent): Failure =>
  event.type === 'workflow.failed'
    ? event
    : {
        type: 'workflow.failed',
        token: context.token ?? '',
        error: timeoutError(context),
        retryable: true,
        jitter: 0.5,
      }

const countedFailure = (context: WorkflowContext, event: WorkflowEvent) => {
  const { error: last, jitter } = failureOf(context, event)
  const error = withErrorBefore(last, context.error)
  const failures = context.failures + 1
  const backoffMs = context.policy ? retryDelayMs(context.policy, failures, jitter) : 0
  return { failures, error, backoffMs, stop: null }
}

/** What the chart of a workflow is made of: its rules by name. */
export const workflowSetup = setup({
  types: { context: {} as WorkflowContext, events: {} as WorkflowEvent },
  actions: {
    assignWorker: assign(({ context, event }) => {
      if (event.type !== 'workflow.assigned') return {}
      const { token, worker, generation, credits, policy } = event
      return {
        token,
        worker,
        generation,
        credits,
        policy,
        attempt: context.failures + context.lost + 1,
        stop: null,
        extension: null,
      }
    }),
    extend: assign(({ context: { policy, extension }, event }) =>
      event.type === 'workflow.extended' && policy !== null
        ? { extension: afterExtension(policy.timeoutMs, extension, event) }
        : {},
    ),
    countLastFailure: assign(({ context, event }) => countedFailure(context, event)),
    /** The word of this token is taken: when it is repeated, it counts no second failure. */
    countFailure: assign(({ context, event }) => ({ ...countedFailure(context, event), token: null })),
    countLoss: assign(({ context }) => ({ lost: context.lost + 1, stop: null })),
    failLost: assign(({ context }) => ({ error: lostError(context) })),
    clearError: assign({ error: null, stop: null }),
    orderCancel: assign(({ event }) =>
      event.type === 'cancel.requested' ? { stop: { cause: 'cancel' as const, reason: event.reason } } : {},
    ),
    orderTimeout: assign({
      stop: { cause: 'timeout' as const, reason: 'the timeout of the workflow is over' },
    }),
    keepCancelReason: assign(({ context, event }) => {
      const reason = event.type === 'cancel.requested' ? event.reason : (context.stop?.reason ?? '')
      const message = reason === '' ? 'it was cancelled' : `it was cancelled: ${reason}`
      return { error: { code: 'workflow_cancelled' as const, message }, stop: null }
    }),
    takeError: assign(({ event }) => ('error' in event ? { error: event.error } : {})),
  },
  guards: {
    isCurrent: ({ context, event }) => 'token' in event && event.token === context.token,
    isCurrentAndMayExtend: ({ context: { token, policy, extension }, event }) =>
      event.type === 'workflow.extended' &&
      event.token === token &&
      policy !== null &&
      judgeExtension(policy.timeoutMs, extension, event).kind === 'granted',
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
      'token' in event &&
      event.token === context.token &&
      context.failures + 1 < (context.policy?.attempts ?? 1),
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
    /** The worker aborts at the timeout itself; this is the leader's own watch over a worker that does not. The fold moves it. */
    runTimeoutMs: ({ context }) =>
      (context.policy?.timeoutMs ?? limits.workflowTimeoutMsDefault) + 2 * limits.cancelGraceMs,
    backoffMs: ({ context }) => context.backoffMs,
  },
})
