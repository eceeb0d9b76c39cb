import { type Answer, type Command, type CommandOf, type CoveyError, limits } from '@covey/protocol'
import type { Silence } from './no-answer.js'

/** A command before it has its number. */
export type Question = { [Type in Command['type']]: Omit<CommandOf<Type>, 'number'> }[Command['type']]

/** A command of a client, and who waits for its answer. */
interface AskedCommand {
  command: Command
  readonly bytes: number
  readonly deadlineAtMs: number
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: CoveyError) => void
}

/** A command of a client that has not been answered. */
export interface WaitingCommand extends AskedCommand {
  /** How often it went out without being refused since: what was sent once and is refused did not run, twice it may have. */
  sends: number
  /** Why the leader does not take it for now; it is sent again when it said, and then may have been taken. */
  refusal: CoveyError | undefined
  /** Why it had no answer when it was sent last in vain. */
  silence: Silence | undefined
  /** It was refused for now, and waits for when it is to come again. */
  isPaused: boolean
}

/** A command that waits from now on; written out, for V8 copies fields into what has some already one by one, each slowly. */
export const waitingFrom = ({
  command,
  bytes,
  deadlineAtMs,
  resolve,
  reject,
}: AskedCommand): WaitingCommand => ({
  command,
  bytes,
  deadlineAtMs,
  resolve,
  reject,
  sends: 0,
  refusal: undefined,
  silence: undefined,
  isPaused: false,
})

/** Whether a command cancels: no budget and no bound of what others fill holds it back (H7). */
export const isCancel = ({ type }: Pick<Command, 'type'>): boolean =>
  type === 'job.cancel' || type === 'jobs.cancel'

/** However many commands wait, there is room left for cancels. */
export const waitingMax = (question: Pick<Command, 'type'>): number =>
  limits.commandsWaitingMax + (isCancel(question) ? limits.cancelsWaitingMax : 0)

/**
 * A question as the command that is sent. A submit says how far its client knew the log to go before it may have run, and
 * says the same each time (K25).
 */
export const numbered = (question: Question, number: number, learned: number | undefined): Command =>
  question.type === 'job.submit' && learned !== undefined
    ? { number, since: learned, ...question }
    : { number, ...question }

/** A command that has not run, with what its client knows of the log by now. */
export function datedAnew(command: Command, learned: number | undefined): Command {
  if (command.type !== 'job.submit' || learned === undefined) return command
  return command.since === undefined || command.since < learned ? { ...command, since: learned } : command
}
