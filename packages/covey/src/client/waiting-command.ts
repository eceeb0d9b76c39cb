import { type Answer, type Command, type CoveyError, limits } from '@covey/protocol'
import type { Silence } from './no-answer.js'

/** A command of a client that has not been answered. */
export interface WaitingCommand {
  command: Command
  readonly bytes: number
  readonly deadlineAtMs: number
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: CoveyError) => void
  /** How often it went out without being refused since: what was sent once and is refused did not run, twice it may have. */
  sends: number
  /** Why the leader does not take it for now; it is sent again when it said, and then may have been taken. */
  refusal: CoveyError | undefined
  /** Why it had no answer when it was sent last in vain. */
  silence: Silence | undefined
  isPaused?: boolean
}

/** Whether a command cancels: no budget and no bound of what others fill holds it back (H7). */
export const isCancel = ({ type }: Pick<Command, 'type'>): boolean =>
  type === 'job.cancel' || type === 'jobs.cancel'

/** However many commands wait, there is room left for cancels. */
export const waitingMax = (question: Pick<Command, 'type'>): number =>
  limits.commandsWaitingMax + (isCancel(question) ? limits.cancelsWaitingMax : 0)
