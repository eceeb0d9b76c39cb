import { type AnswerOf, type CancelOutcome, type CommandName, limits } from '@covey/protocol'
import type { ShardState } from './shard-state.js'

/** What a cancel did to one workflow (H4). */
export interface CancelledWorkflow {
  readonly id: string
  readonly outcome: CancelOutcome
}

/** What a cancel was answered: the workflows that are listed, and how many there are beside them. */
export interface CancelAnswered {
  readonly outcomes: readonly CancelledWorkflow[]
  readonly more: number
}

/** What a cancel by filter was answered. */
export type SweepAnswered = Omit<AnswerOf<'swept'>, 'type' | 'number'>

const commandKey = ({ client, number }: CommandName): string => `${client} ${number}`

/** What a cancel is answered that did this. */
export function answeredBy(workflows: readonly CancelledWorkflow[]): CancelAnswered {
  const outcomes = workflows.slice(0, limits.cancelOutcomesListedMax)
  return { outcomes, more: workflows.length - outcomes.length }
}

/** What a cancel was answered that is repeated; `undefined` where it is none, or too many have come since. */
export const findAnswered = (
  { answered }: Pick<ShardState, 'answered'>,
  name: CommandName,
): CancelAnswered | undefined => answered.get(commandKey(name))

/** Keeps what a cancel did for whoever repeats it: the reply may be lost, and it was that one which did it (K24, H4). */
export function keepAnswered(
  state: ShardState,
  name: CommandName,
  workflows: readonly CancelledWorkflow[],
): void {
  const { answered } = state
  const key = commandKey(name)
  // One that is logged twice, by two leaders, did it the first time.
  if (answered.has(key)) return
  const answer = answeredBy(workflows)
  answered.set(key, answer)
  state.answeredOutcomes += answer.outcomes.length
  for (const [oldest, { outcomes }] of answered) {
    const fits =
      answered.size <= limits.answeredCancelsMax && state.answeredOutcomes <= limits.answeredOutcomesMax
    if (fits) return
    answered.delete(oldest)
    state.answeredOutcomes -= outcomes.length
  }
}

/** What a cancel by filter was answered that is repeated; `undefined` where it is none, or too many have come since. */
export const findSwept = (
  { swept }: Pick<ShardState, 'swept'>,
  name: CommandName,
): SweepAnswered | undefined => swept.get(commandKey(name))

/** Keeps what a cancel by filter met: to sweep again would meet what was submitted since (K24). */
export function keepSwept({ swept }: ShardState, name: CommandName, answer: SweepAnswered): void {
  const key = commandKey(name)
  if (!swept.has(key)) swept.set(key, answer)
  if (swept.size <= limits.answeredCancelsMax) return
  const [oldest] = swept.keys()
  if (oldest !== undefined) swept.delete(oldest)
}
