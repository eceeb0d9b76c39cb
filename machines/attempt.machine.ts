import { type ErrorReport, limits, type TokenText } from '@covey/protocol'
import { assign, setup } from 'xstate'
import {
  type AttemptName,
  type AttemptWord,
  type CountedWord,
  type EndingWord,
  graceMsOf,
  type Stop,
  type StopCause,
  stoppedWord,
} from './rules/attempt-words.js'
import { isForOutbox, reportRepeatMs } from './rules/report-backoff.js'
import { nextChance } from './rules/retry-jitter.js'

/** What happens to one attempt. */
export type AttemptEvent =
  | { readonly type: 'code.started' }
  | ({ readonly type: 'code.completed'; readonly result: Uint8Array } & CountedWord)
  | ({ readonly type: 'code.failed'; readonly error: ErrorReport; readonly retryable: boolean } & CountedWord)
  | ({ readonly type: 'attempt.stop' } & Stop)
  /** It has been given more time (H17). */
  | { readonly type: 'attempt.extended'; readonly ms: number }
  /** The leader wants to know what has become of it (K4, K5). */
  | { readonly type: 'attempt.ask' }
  /** The ending word is in the log. */
  | { readonly type: 'word.logged' }
  /** The ending word is in the outbox. */
  | { readonly type: 'word.stored' }

/** What an attempt is made with. */
export interface AttemptStart extends AttemptName {
  readonly shard: number
  readonly token: TokenText
  readonly timeoutMs: number
  /** Its code runs in a thread or process of its own, which can be ended. */
  readonly isolated: boolean
  /** From 0 to 1: begins the row of chances by which its repeats are spread. */
  readonly chance: number
}

/** What an attempt keeps beside its state. */
export interface AttemptContext extends AttemptStart {
  readonly cause: StopCause | null
  readonly reason: string
  /** Time that the code has to return once it was told to stop. */
  readonly graceMs: number
  /** The ending word, once nothing runs any more. */
  readonly word: EndingWord | null
  readonly repeats: number
  /** How long it waits for an answer to its ending word before it repeats it. */
  readonly repeatMs: number
  readonly stored: boolean
  /** What it has been given beyond its timeout: in all, and what of that it has not begun to use. */
  readonly extension: { readonly ms: number; readonly leftMs: number } | null
  /** How long its code may run before it is looked at whether there is more. */
  readonly runMs: number
}

const machine = setup({
  types: { context: {} as AttemptContext, events: {} as AttemptEvent, input: {} as AttemptStart },
  actions: {
    'code.start': (_, _params: object) => {},
    'code.abort': (_, _params: { readonly cause: StopCause; readonly reason: string }) => {},
    'host.end': (_, _params: object) => {},
    /** With `prompt` false the word may wait for what else happens in this turn. */
    'word.say': (_, _params: { readonly word: AttemptWord; readonly prompt: boolean }) => {},
    'word.store': (_, _params: { readonly word: EndingWord | null }) => {},
    'slot.free': (_, _params: object) => {},
    'notice.overdue': (_, _params: object) => {},
  },
  guards: {
    isForOutbox: ({ context }) => !context.stored && isForOutbox(context.repeats + 1),
    isStored: ({ context }) => context.stored,
    isIsolated: ({ context }) => context.isolated,
    hasMoreTime: ({ context }) => (context.extension?.leftMs ?? 0) > 0,
    isPressing: ({ context, event }) =>
      context.isolated && event.type === 'attempt.stop' && graceMsOf(event) < context.graceMs,
  },
  delays: {
    timeoutMs: ({ context }) => Math.min(context.runMs, limits.workflowTimeoutMsMax),
    graceMs: ({ context }) => context.graceMs,
    hostEndMs: limits.cancelGraceMs,
    repeatMs: ({ context }) => context.repeatMs,
  },
})

type Args = { readonly context: AttemptContext }
const runs = ({ context: { token, workflow } }: Args): AttemptWord => ({ kind: 'started', token, workflow })
const spoken = ({ context }: Args): AttemptWord => context.word ?? runs({ context })
const ended = (
  { cause, token, workflow, timeoutMs, extension }: AttemptContext,
  { statistics }: CountedWord = {},
): EndingWord =>
  stoppedWord({ token, workflow }, cause ?? 'cancel', timeoutMs + (extension?.ms ?? 0), statistics)

const order = machine.assign(({ context, event }) =>
  event.type === 'attempt.stop'
    ? {
        cause: event.cause,
        reason: event.reason,
        graceMs: context.isolated ? graceMsOf(event) : context.graceMs,
      }
    : { cause: 'timeout' as const },
)
const abort = {
  type: 'code.abort',
  params: ({ context: { cause, reason } }: Args) => ({ cause: cause ?? 'cancel', reason }),
} as const
const sayRunning = (prompt: boolean) =>
  ({ type: 'word.say', params: (args: Args) => ({ word: runs(args), prompt }) }) as const
const sayEnding = {
  type: 'word.say',
  params: (args: Args) => ({ word: spoken(args), prompt: true }),
} as const
const storeWord = { type: 'word.store', params: ({ context: { word } }: Args) => ({ word }) } as const
const countRepeat = machine.assign(({ context: { repeats, repeatMs, chance } }) => ({
  repeats: repeats + 1,
  repeatMs: reportRepeatMs(repeatMs, chance),
  chance: nextChance(chance),
}))
const addTime = machine.assign(({ context: { extension }, event }) => {
  const more = event.type === 'attempt.extended' ? event.ms : 0
  return { extension: { ms: (extension?.ms ?? 0) + more, leftMs: (extension?.leftMs ?? 0) + more } }
})
/** No clock is asked how much of the timeout has passed: what was added begins when that is over. */
const useTime = machine.assign(({ context: { extension } }) => ({
  runMs: extension?.leftMs ?? 0,
  extension: { ms: extension?.ms ?? 0, leftMs: 0 },
}))
const stoppedTransition = {
  target: 'reporting',
  actions: machine.assign(({ context, event }) => ({ word: ended(context, event as CountedWord) })),
} as const

/**
 * One execution inside a worker, from its dispatch until its ending word is in the log. It says that it has ended only
 * when the code has really returned, or the thread or process that it ran in is gone: code that ignores its signal keeps
 * its slot where it runs inline.
 */
export const attemptMachine = machine.createMachine({
  id: 'attempt',
  version: '1',
  options: { maxIterations: 1_000 },
  // Own fields before the spread: V8 copies an object at once, but adds to a copy field by field, each for a microsecond.
  context: ({ input }) => ({
    cause: null,
    reason: '',
    graceMs: limits.cancelGraceMs,
    word: null,
    repeats: 0,
    repeatMs: limits.reportRepeatMinMs,
    stored: false,
    extension: null,
    runMs: input.timeoutMs,
    ...input,
  }),
  initial: 'starting',
  states: {
    starting: {
      description: 'Its slots are reserved; the code has not run yet.',
      meta: { rests: 'the host, which starts the code before its next event' },
      entry: { type: 'code.start', params: {} },
      on: {
        'code.started': { target: 'running', actions: sayRunning(false) },
        'attempt.ask': { actions: sayRunning(true) },
        'attempt.stop': {
          target: 'reporting',
          actions: [
            assign(({ context, event: { cause, reason } }) => ({
              cause,
              reason,
              word: ended({ ...context, cause }),
            })),
            abort,
          ],
        },
      },
    },
    running: {
      description: 'The code runs.',
      on: {
        'code.completed': {
          target: 'reporting',
          actions: assign(({ context: { token, workflow }, event: { result, statistics } }) => ({
            word: { kind: 'completed' as const, token, workflow, result, ...(statistics && { statistics }) },
          })),
        },
        'code.failed': {
          target: 'reporting',
          actions: assign(({ context: { token, workflow }, event: { error, retryable, statistics } }) => ({
            word: {
              ...{ kind: 'failed' as const, token, workflow, error, retryable },
              ...(statistics && { statistics }),
            },
          })),
        },
        'attempt.stop': { target: 'stopping', actions: order },
        'attempt.ask': { actions: sayRunning(true) },
        'attempt.extended': { actions: addTime },
      },
      after: {
        timeoutMs: [
          { guard: 'hasMoreTime', target: 'running', reenter: true, actions: useTime },
          { target: 'stopping', actions: order },
        ],
      },
    },
    stopping: {
      description:
        'The code has been told to stop and has not returned yet; the first cause decides how it ends.',
      entry: abort,
      on: {
        'code.completed': stoppedTransition,
        'code.failed': stoppedTransition,
        'attempt.ask': { actions: sayRunning(true) },
        'attempt.stop': {
          guard: 'isPressing',
          target: 'stopping',
          reenter: true,
          actions: assign(({ event }) => ({ graceMs: graceMsOf(event) })),
        },
      },
      after: {
        graceMs: [
          { guard: 'isIsolated', target: 'ending' },
          { actions: { type: 'notice.overdue', params: {} } },
        ],
      },
    },
    ending: {
      description: 'The code has not returned in time: the thread or process that it runs in is being ended.',
      entry: { type: 'host.end', params: {} },
      on: {
        'code.completed': stoppedTransition,
        'code.failed': stoppedTransition,
        'attempt.ask': { actions: sayRunning(true) },
      },
      after: { hostEndMs: { actions: { type: 'notice.overdue', params: {} } } },
    },
    reporting: {
      description:
        'Nothing runs; the ending word is repeated until the leader says that it is in the log (K9).',
      entry: sayEnding,
      on: {
        'attempt.ask': { actions: sayEnding },
        'word.logged': { target: 'done' },
        'word.stored': [
          { guard: 'isStored' },
          { actions: [assign({ stored: true }), { type: 'slot.free', params: {} }] },
        ],
      },
      after: {
        repeatMs: [
          { guard: 'isForOutbox', target: 'reporting', reenter: true, actions: [countRepeat, storeWord] },
          { target: 'reporting', reenter: true, actions: countRepeat },
        ],
      },
    },
    done: { type: 'final', description: 'Its ending word is in the log.' },
  },
})
