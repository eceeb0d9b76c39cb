import type { Dispatch } from '@covey/protocol'
import type { Environment } from '../environment.js'
import { dispatchOf } from './outgoing.js'
import type { WorkflowRecord } from './shard-state.js'

/** What goes to the worker of a workflow that was ready for `waitedMs`, with its place in the trace of its job. */
export function tracedDispatch(
  { tracing }: Environment,
  record: WorkflowRecord,
  waitedMs: number,
): Dispatch | undefined {
  const dispatch = dispatchOf(record)
  const { worker } = record.snapshot.context
  if (dispatch === undefined || worker === null) return dispatch
  const { trace } = record.job
  const going = tracing?.isOn === true ? tracing.assigned({ dispatch, worker, trace, waitedMs }) : trace
  if (going !== undefined && going !== null) dispatch.trace = going
  return dispatch
}
