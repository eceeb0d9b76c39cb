import type { ShardState } from '@covey/actors'
import { type LogEvent, limits } from '@covey/protocol'
import type { FoldedWorkflow } from './fold-table.js'

/** What the log has given an attempt beyond its timeout. */
export interface GivenTime {
  readonly count: number
  readonly ms: number
  readonly progress: number
}

const rules = {
  bounds:
    'what an attempt is given is less than its timeout once more, and not more often than it may be (H17)',
  progress: 'from the second time on only who has made progress is given more (H17)',
  stopped: 'what is being stopped, or has ended, is given nothing (H17)',
  moved: 'a due time that was moved is over when the one is that it was moved to (K16)',
}

const isPlace = /^[0-9]+[.][0-9]+$/

/**
 * Gives due times that were armed names of their own: in a model places are counted by the tokens that they give, so that
 * two of them may be equal.
 */
export function nameArmed(state: ShardState): void {
  for (const record of state.workflows.values()) {
    const { due, snapshot } = record
    if (due === null || !isPlace.test(due.armedAt)) continue
    const moved = snapshot.context.extension?.count ?? 0
    record.due = { ...due, armedAt: `${due.armedAt}, moved ${moved} times` }
  }
}

/** The rule of more time that a batch breaks. */
export function timeBroken(
  was: FoldedWorkflow,
  now: FoldedWorkflow,
  events: readonly LogEvent[],
): string | undefined {
  if (now.token === null) return undefined
  const before = was.token === now.token ? was.given : null
  const isGiven = now.given !== null && now.given.count > (before?.count ?? 0)
  const broken = isGiven ? givenWrongly(was, before, now) : undefined
  return broken ?? (isStoppedWrongly(was, now, isGiven, events) ? rules.moved : undefined)
}

function givenWrongly(
  { isCancelled, state }: FoldedWorkflow,
  before: GivenTime | null,
  { given, timeoutMs }: FoldedWorkflow,
): string | undefined {
  const { count, ms, progress } = given ?? { count: 0, ms: 0, progress: 0 }
  if (isCancelled || (state !== 'running' && state !== 'assigned')) return rules.stopped
  if (count > limits.extensionsMax || ms >= timeoutMs) return rules.bounds
  return before !== null && progress <= before.progress ? rules.progress : undefined
}

/** Whether a running attempt is told that its time is over, and no due time has come that was armed for it then. */
function isStoppedWrongly(
  was: FoldedWorkflow,
  now: FoldedWorkflow,
  isGiven: boolean,
  events: readonly LogEvent[],
): boolean {
  if (was.state !== 'running' || now.state !== 'cancelling' || now.isCancelled) return false
  const isOver = (event: LogEvent): boolean =>
    event.type === 'timer.due' && event.workflow === now.id && event.armedAt === was.armedAt
  return isGiven || !events.some(isOver)
}
