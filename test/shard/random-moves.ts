import { packValue } from '@covey/protocol'
import type { FoldedLog } from './folded-log.js'

const completed = (workflow: string, token: string, value: unknown = 1) => ({
  type: 'workflow.completed' as const,
  workflow,
  token,
  result: packValue(value),
})

/** Appends one of ten events about a workflow, whether it fits or not; answers the token of its newest attempt. */
export function randomMove(log: FoldedLog, move: number, token: string, workflow = 'job/a'): string {
  const error = { code: 'workflow_failed' as const, message: 'broken' }
  switch (move) {
    case 0:
      return log.assign(workflow)
    case 1:
      log.batch([{ type: 'workflow.started', workflow, token }], 10)
      break
    case 2:
      log.batch([completed(workflow, token)])
      break
    case 3:
      log.batch([{ type: 'workflow.failed', workflow, token, error, retryable: true, jitter: 0.5 }])
      break
    case 4:
      log.batch([{ type: 'worker.ended', worker: 'w1', generation: 1, how: 'crashed' }])
      break
    case 5:
      log.batch([{ type: 'lease.over', worker: 'w1', generation: 1 }])
      break
    case 6:
      log.batch([{ type: 'cancel.requested', job: workflow.slice(0, workflow.indexOf('/')), reason: 'no' }])
      break
    case 7:
      log.batch([{ type: 'workflow.unassigned', workflow, token, reason: 'burnt' }])
      break
    case 9: {
      const { count = 0 } = log.state.workflows.get(workflow)?.snapshot.context.extension ?? {}
      const ask = { number: count + 1, progress: log.state.sequence }
      log.batch([{ type: 'workflow.extended', workflow, token, ...ask }])
      break
    }
    default:
      log.batch(
        [{ type: 'timer.due', workflow, armedAt: log.state.workflows.get(workflow)?.due?.armedAt ?? '0.0' }],
        5,
      )
  }
  return token
}
