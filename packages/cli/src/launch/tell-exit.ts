import {
  CoveyError,
  type ExitedMessage,
  exitedMessage,
  limits,
  orderAnswer,
  type Subjects,
} from '@covey/protocol'
import { type Bus, type Clock, delay } from '@covey/transport'
import type { NodeExit } from './child-node.js'

/** A manager that can be told. */
export interface LiveManager {
  readonly name: string
  readonly generation: number
}

/** What is needed to tell of an exit. */
export interface ExitTelling {
  readonly bus: Bus
  readonly subjects: Subjects
  readonly clock: Clock
  /** Who lives at this moment: asked again for every round. */
  readonly managers: () => readonly LiveManager[]
  readonly signal: AbortSignal
}

const answerDeadlineMs = 1_000
const roundIntervalMs = 250

type Answer = 'noted' | 'unknown' | 'none'

async function tellOne(
  { node, pid, bootId, how }: ExitedMessage,
  manager: LiveManager,
  { bus, subjects }: ExitTelling,
): Promise<Answer> {
  const frame = exitedMessage.encode({ node, pid, bootId, how: how.slice(0, limits.reasonTextMax) })
  const subject = subjects.channel(manager.name, manager.generation, 'exited')
  const outcome = await bus.request(subject, frame, answerDeadlineMs)
  return outcome.kind === 'reply' ? readAnswer(outcome.data) : 'none'
}

/** An answer that cannot be read confirms nothing: that exit is told again, perhaps to another manager. */
function readAnswer(data: Uint8Array): Answer {
  try {
    const { error } = orderAnswer.decode(data)
    if (error === undefined) return 'noted'
    return error.code === 'not_found' ? 'unknown' : 'none'
  } catch (error) {
    if (error instanceof CoveyError && error.code === 'invalid_message') return 'none'
    throw error
  }
}

/**
 * Tells a manager, any that lives, that a child has exited, again and again until one confirms it: nobody then needs
 * to suspect, vote or wait for a lease (K49). The word names the run by its boot id, so that it cannot hit the next one.
 * Resolves with the manager's name, or with `undefined` when the signal aborts first, or when managers say again and
 * again that no such run has joined, or at once for a child that ended before it said which run it is: it has not joined.
 */
export async function tellExit(
  { name: node, pid, bootId, how }: NodeExit,
  telling: ExitTelling,
): Promise<string | undefined> {
  if (bootId === undefined) return undefined
  let unknowns = 0
  while (!telling.signal.aborted && unknowns < limits.exitUnknownAnswersMax) {
    for (const manager of telling.managers()) {
      const answer = await tellOne({ node, pid, bootId, how }, manager, telling)
      if (answer === 'noted') return manager.name
      if (answer === 'unknown') unknowns += 1
    }
    await delay(telling.clock, roundIntervalMs)
  }
  return undefined
}
