import type { WorkflowEvent } from '@covey/machines'
import type { Policy } from '@covey/protocol'

const policy: Policy = {
  ...{ version: '1', slots: 1, attempts: 3, backoffMs: 100, backoffFactor: 2 },
  ...{ backoffMaxMs: 1_000, timeoutMs: 60_000, exclusive: true },
}

/** What brings the chart of a workflow from its birth to where the cycle begins. */
export const opening: WorkflowEvent = { type: 'dependencies.done' }

/** Given to a worker, refused by it: a guard, an assign of seven fields, and the chart stands where it stood before. */
export const cycle: readonly [WorkflowEvent, WorkflowEvent] = [
  { type: 'workflow.assigned', token: '0-1-2-3', worker: 'worker-1', generation: 1, credits: [1], policy },
  { type: 'workflow.refused', token: '0-1-2-3' },
]
