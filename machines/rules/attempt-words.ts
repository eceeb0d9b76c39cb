import { type ErrorReport, limits, type Report, type TokenText } from '@covey/protocol'

type WithoutCredits<Word> = Word extends { readonly credits: unknown } ? Omit<Word, 'credits'> : never

/** What is said of an attempt: a {@link Report} before the worker has added the credits that go with it. */
export type AttemptWord = WithoutCredits<Report>

/** The word after which nothing of the attempt runs any more. */
export type EndingWord = Exclude<AttemptWord, { readonly kind: 'started' | 'extend' }>

/** Whether nothing of the attempt runs any more after a word. */
export const isEnding = (word: AttemptWord): word is EndingWord =>
  word.kind !== 'started' && word.kind !== 'extend'

/** Why an attempt is stopped. `drained`: the worker leaves, and the time it gives running work is over. */
export type StopCause = 'cancel' | 'timeout' | 'fenced' | 'drained'

/** An order to stop an attempt. */
export interface Stop {
  readonly cause: StopCause
  readonly reason: string
  /** For how long its lease has been over by then: a worker whose loop stood still sees that late. */
  readonly lateMs?: number
}

/**
 * Time that code in a thread or process of its own has to return before that is ended. A lease that is over and a worker
 * that leaves leave little, and what is seen late less: it must be gone before anybody else may start the same work (K7, K28).
 */
export const graceMsOf = ({ cause, lateMs = 0 }: Pick<Stop, 'cause' | 'lateMs'>): number =>
  cause === 'fenced' || cause === 'drained' ? Math.max(0, limits.fenceGraceMs - lateMs) : limits.cancelGraceMs

/** The attempt that is spoken of. */
export interface AttemptName {
  readonly token: TokenText
  readonly workflow: string
}

/** What may go with the last word of code: what it has counted, packed. */
export interface CountedWord {
  readonly statistics?: Uint8Array
}

/** The error of an attempt that ran longer than its definition allows. */
const timeoutReport = (timeoutMs: number): ErrorReport => ({
  code: 'workflow_timeout',
  message: `the attempt ran longer than ${timeoutMs} ms`,
})

/**
 * The word of an attempt that was stopped, once its code has really ended: the cause decides, whatever the code made of
 * its last moments; what it has counted goes with a word that may end its workflow. What the fence or the leaving of the
 * worker cut off is burnt, so that it may be assigned again.
 */
export function stoppedWord(
  { token, workflow }: AttemptName,
  cause: StopCause,
  timeoutMs: number,
  statistics?: Uint8Array,
): EndingWord {
  switch (cause) {
    case 'cancel':
      return { kind: 'cancelled', token, workflow }
    case 'timeout':
      return {
        ...{ kind: 'failed', token, workflow, error: timeoutReport(timeoutMs), retryable: true },
        ...(statistics && { statistics }),
      }
    default:
      return { kind: 'burnt', token, workflow, reason: cause }
  }
}
