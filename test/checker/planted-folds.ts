import { applyBatch, applyClaim, type ShardState } from '@covey/actors'
import type { FoldRules } from '@covey/checker'
import type { LogEvent } from '@covey/protocol'

type Folded = ShardState extends { readonly workflows: ReadonlyMap<string, infer Found> } ? Found : never
type Value = Folded['snapshot']['value']

/** The order to stop is forgotten, and with it, of what is free to be assigned, who held it. */
function moveTo(state: ShardState, record: Folded, value: Value): void {
  const { snapshot } = record
  state.workflowCounts[snapshot.value] -= 1
  state.workflowCounts[value] += 1
  record.snapshot = { ...snapshot, value, context: { ...snapshot.context, stop: null } } as typeof snapshot
  if (value !== 'queued') return
  const { worker, generation } = snapshot.context
  const key = `${worker}.${generation}`
  const held = state.attempts.get(key)
  held?.delete(record)
  if (held?.size === 0) state.attempts.delete(key)
  state.heldKeys.delete(record.key)
}

/** A fold whose `cancelling` takes one type of event as another state does. */
function cancellingLike(value: Value, type: LogEvent['type']): FoldRules {
  const prepare = (state: ShardState, event: LogEvent | undefined): void => {
    if (event?.type !== type || !('workflow' in event)) return
    const record = state.workflows.get(event.workflow)
    if (record?.snapshot.value === 'cancelling') moveTo(state, record, value)
  }
  return {
    applyClaim,
    applyBatch: (state, batch, sequence, told) => {
      prepare(state, batch.events[0])
      applyBatch(state, batch, sequence, (index, applied) => {
        told?.(index, applied)
        prepare(state, batch.events[index + 1])
      })
    },
  }
}

/** What is being cancelled is assigned like what is queued. */
export const assignsWhatIsCancelled = cancellingLike('queued', 'workflow.assigned')

/** What is being cancelled is completed by a result that comes late. */
export const completesWhatIsCancelled = cancellingLike('running', 'workflow.completed')
