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
  const isMoved = now.given !== null && now.given.count > (before?.count ?? 0)
  if (now.given !== null && isMoved) {
    if (was.isCancelled || (was.state !== 'running' && was.state !== 'assigned')) return rules.stopped
    const { count, ms, progress } = now.given
    if (count > limits.extensionsMax || ms >= now.timeoutMs) return rules.bounds
    if (before !== null && progress <= before.progress) return rules.progress
  }
  const isStopped = now.state === 'cancelling' && !now.isCancelled && was.state === 'running'
  const rings = events.filter((event) => event.type === 'timer.due' && event.workflow === now.id)
  const isOwn = rings.some((event) => event.type === 'timer.due' && event.armedAt === was.armedAt)
  return isStopped && (!isOwn || isMoved) ? rules.moved : undefined
}
