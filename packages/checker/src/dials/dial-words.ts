import type { EffectFrom } from '@covey/engine'
import type { ConnectionEvent, connectionMachine, RefusalReason } from '@covey/machines'
import { type Side, sides } from './session-names.js'

/** What a step of a session asks the network to carry: a hello, or the answer to one. */
interface Sending {
  readonly kind: 'hello' | 'answer'
  readonly session: string
  /** Why the hello is refused, in the answer that refuses it. */
  readonly reason?: RefusalReason
}

/** A message under way to the other side. */
export interface Message extends Sending {
  readonly from: Side
}

/** The messages of the effects of a step. That the link is confirmed needs none: it may come at any time. */
export const sendingsOf = (effects: readonly EffectFrom<typeof connectionMachine>[]): readonly Sending[] =>
  effects.flatMap((effect): Sending[] => {
    if (effect.type === 'session.hello') return [{ kind: 'hello', session: effect.params.session }]
    if (effect.type === 'session.welcome') return [{ kind: 'answer', session: effect.params.reply }]
    if (effect.type !== 'session.refuse') return []
    return [{ kind: 'answer', session: effect.params.reply, reason: effect.params.reason }]
  })

/** What an answer is to who awaits it. */
export function answerOf({ session, reason }: Message): ConnectionEvent {
  if (reason === undefined) return { type: 'session.welcomed', session, roundTripMs: 0 }
  return { type: 'session.refused', session, reason, detail: '' }
}

/** A message in words. */
export function textOf({ kind, from, session, reason }: Message): string {
  const answer = reason === undefined ? 'welcome' : `refusal (${reason})`
  return `${kind === 'hello' ? kind : answer} of ${sides[from]} for ${session}`
}

const timers: readonly (readonly [string, string])[] = [
  ['dialTimeoutMs', 'its dial takes too long'],
  ['backoffMs', 'its wait before the next dial is over'],
  ['drainTimeoutMs', 'its time to drain is over'],
]

/** A timer in words. */
export const timerText = (event: string): string =>
  timers.find(([name]) => event.includes(name))?.[1] ?? event
