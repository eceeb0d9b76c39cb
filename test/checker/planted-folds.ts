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

/** A fold that finds other events in its log than there are. */
function finding(events: (state: ShardState, event: LogEvent) => LogEvent): FoldRules {
  return {
    applyClaim,
    applyBatch: (state, batch, sequence, told) => {
      const found = batch.events.map((event) => events(state, event))
      applyBatch(state, { ...batch, events: found }, sequence, told)
    },
  }
}

const extensionOf = (state: ShardState, workflow: string) =>
  state.workflows.get(workflow)?.snapshot.context.extension ?? { count: 0, progress: 0 }

/** Who asks for more time is taken to have made progress. */
export const takesAsksForProgress = finding((state, event) => {
  if (event.type !== 'workflow.extended') return event
  return { ...event, progress: extensionOf(state, event.workflow).progress + 1 }
})

/** An ask that is repeated is another one. */
export const givesForRepeats = finding((state, event) => {
  if (event.type !== 'workflow.extended') return event
  const { count, progress } = extensionOf(state, event.workflow)
  return { ...event, number: count + 1, progress: count > 0 ? progress + 1 : event.progress }
})

/** A due time that has come counts for the one that is armed now. */
export const takesAnyDueTime = finding((state, event) => {
  if (event.type !== 'timer.due') return event
  return { ...event, armedAt: state.workflows.get(event.workflow)?.due?.armedAt ?? event.armedAt }
})
