import { CoveyError, exitedMessage, limits, orderAnswer, type Subjects } from '@covey/protocol'
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

async function tellOne(
  exit: NodeExit,
  manager: LiveManager,
  { bus, subjects }: ExitTelling,
): Promise<boolean> {
  const how = exit.how.slice(0, limits.reasonTextMax)
  const frame = exitedMessage.encode({ node: exit.name, pid: exit.pid, how })
  const subject = subjects.channel(manager.name, manager.generation, 'exited')
  const outcome = await bus.request(subject, frame, answerDeadlineMs)
  return outcome.kind === 'reply' && isConfirmed(outcome.data)
}

/** An answer that cannot be read confirms nothing: that exit is told again, perhaps to another manager. */
function isConfirmed(answer: Uint8Array): boolean {
  try {
    return orderAnswer.decode(answer).error === undefined
  } catch (error) {
    if (error instanceof CoveyError && error.code === 'invalid_message') return false
    throw error
  }
}

/**
 * Tells a manager, any that lives, that a child has exited, again and again until one confirms it: nobody then needs
 * to suspect, vote or wait for a lease (K49). Resolves with the manager's name, or with `undefined` when the signal
 * aborts first.
 */
export async function tellExit(exit: NodeExit, telling: ExitTelling): Promise<string | undefined> {
  while (!telling.signal.aborted) {
    for (const manager of telling.managers()) {
      if (await tellOne(exit, manager, telling)) return manager.name
    }
    await delay(telling.clock, roundIntervalMs)
  }
  return undefined
}
