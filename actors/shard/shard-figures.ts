import { limits } from '@covey/protocol'
import { Buckets } from './buckets.js'
import { countWorkflow, type FoldedTransition, noWorkflows, type ShardState } from './shard-state.js'

const powersOfTwo = (max: number): number[] =>
  Array.from({ length: Math.log2(max) + 1 }, (_, power) => 2 ** power)

/** Milliseconds that an append may take: a store in memory needs less than one, a busy disk some hundred. */
const appendBoundsMs = [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000]

/** An attempt that will be repeated, or has been given up, because its worker has ended. */
function isLoss({ record, from, event, to }: FoldedTransition): boolean {
  if (to === 'failed')
    return record.kind === 'workflow' && record.snapshot.context.error?.code === 'worker_lost'
  return to === 'queued' && (from === 'running' || from === 'fencing' || event === 'worker.ended')
}

/**
 * What a manager has counted of a shard while it led it, since this process began: the sum over all managers is what the
 * cluster did. A manager that only folds counts nothing here, nor does one that reads the log again when it starts.
 */
export class ShardFigures {
  /** How often a chart entered each state. */
  readonly workflows = noWorkflows()
  readonly jobs: ShardState['jobCounts'] = {
    ...{ running: 0, cancelling: 0, completed: 0, failed: 0, cancelled: 0 },
  }
  /** Attempts that were lost with their worker. */
  lostAttempts = 0
  /** Events of each batch that is in the log. */
  readonly batchEvents = new Buckets([0, ...powersOfTwo(limits.batchEventsMax)])
  /** Milliseconds from the append of each to its acknowledgement. */
  readonly appendMs = new Buckets(appendBoundsMs)

  /** Commands that were refused for the load, by class. */
  readonly shed = { list: 0, submit: 0 }
  /** Commands that were refused since their client comes more often than one client may. */
  readonly limited = { list: 0, submit: 0 }

  noteTransition(transition: FoldedTransition): void {
    const { record } = transition
    if (record.kind === 'job') this.jobs[record.snapshot.value] += 1
    else {
      countWorkflow(this.workflows, record.snapshot.value, 1)
      if (isLoss(transition)) this.lostAttempts += 1
    }
  }

  noteBatch(events: number, tookMs: number): void {
    this.batchEvents.add(events)
    this.appendMs.add(tookMs)
  }
}
