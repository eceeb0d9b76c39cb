import { CoveyError, limits } from '@covey/protocol'
import type { RequestOutcome } from '@covey/transport'

/** Why a command has no answer yet; `partial` is a reply that leaves it out. */
export type Silence = Exclude<RequestOutcome['kind'], 'reply'> | 'partial'

/** Why a command ends without an answer. */
export type NoAnswer = 'no_leader' | 'unreachable' | 'overloaded' | 'unavailable'

const messages = {
  no_leader: 'no manager that leads shard # answered within the deadline',
  unreachable: 'the broker was not reachable within the deadline',
  overloaded: `${limits.commandsWaitingMax} commands are without an answer`,
  unavailable: 'the commands could not be sent',
} as const

const mends = {
  no_leader:
    'see covey doctor: a cluster needs a manager, and its broker room to write; the same call with the same id may be repeated',
  unreachable: 'see whether the broker runs; the same call with the same id may be repeated',
  overloaded: 'await some of them before sending more',
  unavailable: 'the same call with the same id may be repeated',
} as const

/**
 * What is known of a command that has just had no answer. That there was no room to send it again says nothing of the time
 * that it went out: it may have been done then.
 */
export const lastSilence = (
  { sends, silence }: { readonly sends: number; readonly silence: Silence | undefined },
  now: Silence,
): Silence => (now === 'overloaded' && sends > 0 ? (silence ?? 'timeout') : now)

/** What a silence is called where it lasts to the deadline. */
export const codeOf = (silence: Silence): 'no_leader' | 'unreachable' | 'overloaded' => {
  if (silence === 'disconnected') return 'unreachable'
  return silence === 'overloaded' ? 'overloaded' : 'no_leader'
}

/** The error of a command that has no answer. */
export const noAnswer = (
  code: NoAnswer,
  { shard, subject }: { readonly shard: number; readonly subject: string },
  cause?: unknown,
): CoveyError =>
  new CoveyError(code, messages[code].replace('#', String(shard)), {
    address: subject,
    mend: mends[code],
    cause,
  })
