import { limits } from '@covey/protocol'
import { assign, setup } from 'xstate'

/** What happens to the breaker of one generation of a worker: both outcomes of the same requests, and nothing else (S-C2). */
export type BreakerEvent =
  /** Its first word on an attempt that it was given: it has taken it. */
  | { readonly type: 'request.succeeded' }
  /** It refused what it offers, or has not said a word. */
  | { readonly type: 'request.failed' }

/** What a breaker keeps beside its state. */
export interface BreakerContext {
  /** Requests that failed in a row. */
  readonly failures: number
}

/** One of the states of a breaker. */
export type BreakerState = 'closed' | 'open' | 'halfOpen'

const machine = setup({
  types: { context: {} as BreakerContext, events: {} as BreakerEvent },
  actions: {
    /** From now on so many requests may go to the worker before there is news. */
    'breaker.enter': (_, _params: { readonly state: BreakerState; readonly requests: number }) => {},
    countFailure: assign(({ context }) => ({ failures: context.failures + 1 })),
    forgetFailures: assign({ failures: 0 }),
  },
  guards: {
    isLastStraw: ({ context }) => context.failures + 1 >= limits.breakerFailuresMax,
  },
  delays: { restMs: limits.breakerRestMs },
})

const enter = (state: BreakerState, requests: number) =>
  ({ type: 'breaker.enter', params: { state, requests } }) as const

/**
 * The circuit breaker between a manager and one generation of a worker (H18, S-C6). A worker that takes credits and loses
 * the work gets none for a while, and then a little, to see whether it can be trusted again.
 */
export const breakerMachine = machine.createMachine({
  id: 'breaker',
  version: '1',
  options: { maxIterations: 1_000 },
  context: { failures: 0 },
  initial: 'closed',
  states: {
    closed: {
      description: 'The worker is given work; failures in a row are counted.',
      meta: { rests: 'a word of the worker, or the end of its generation: with either it ends' },
      entry: enter('closed', Number.POSITIVE_INFINITY),
      on: {
        'request.failed': [
          { guard: 'isLastStraw', target: 'open', actions: 'forgetFailures' },
          { actions: 'countFailure' },
        ],
        'request.succeeded': { actions: 'forgetFailures' },
      },
    },
    open: {
      description: 'Too many requests in a row have failed: the worker is given none.',
      entry: enter('open', 0),
      on: {
        // It was sent before: the worker is not deaf, only late.
        'request.succeeded': { target: 'halfOpen' },
      },
      after: { restMs: { target: 'halfOpen' } },
    },
    halfOpen: {
      description:
        'The worker is given a little, and its next word decides; where none comes it is given as much again.',
      entry: enter('halfOpen', limits.breakerProbesMax),
      on: {
        'request.succeeded': { target: 'closed' },
        'request.failed': { target: 'open' },
      },
      after: { restMs: { target: 'halfOpen', reenter: true } },
    },
  },
})
