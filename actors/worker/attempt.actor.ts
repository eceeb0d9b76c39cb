import { fast } from '@covey/engine'
import {
  type AttemptContext,
  type AttemptWord,
  attemptMachine,
  type EndingWord,
  type StopCause,
} from '@covey/machines'

/** What an attempt's effects are done by; its address is taken from its actor, and not spelt anew for each. */
export interface AttemptEffects {
  readonly startCode: (address: string) => void
  readonly abortCode: (address: string, attempt: AttemptContext, cause: StopCause, reason: string) => void
  /** Ends the thread or process that the code runs in, whatever it does. */
  readonly endHost: (address: string) => void
  readonly say: (address: string, attempt: AttemptContext, word: AttemptWord, prompt: boolean) => void
  readonly store: (attempt: AttemptContext, word: EndingWord) => void
  readonly freeSlot: (attempt: AttemptContext) => void
  readonly noticeOverdue: (attempt: AttemptContext) => void
}

/** The chart of every attempt of one worker, bound once: an actor of it is on the way of every dispatch. */
export const bindAttempt = (effects: AttemptEffects): typeof attemptMachine =>
  fast(
    attemptMachine.provide({
      actions: {
        'code.start': ({ self }) => effects.startCode(self.id),
        'code.abort': ({ context, self }, { cause, reason }) =>
          effects.abortCode(self.id, context, cause, reason),
        'host.end': ({ self }) => effects.endHost(self.id),
        'word.say': ({ context, self }, { word, prompt }) => effects.say(self.id, context, word, prompt),
        'word.store': ({ context }, { word }) => {
          if (word !== null) effects.store(context, word)
        },
        'slot.free': ({ context }) => effects.freeSlot(context),
        'notice.overdue': ({ context }) => effects.noticeOverdue(context),
      },
    }),
  )
