import { type Answer, limits, type NodeView, type WorkflowView, withoutCauses } from '@covey/protocol'
import type { Members } from '../membership/members.js'
import { viewBytes } from './frame-sizes.js'
import type { Seats } from './seats.js'
import { type JobRecord, type ShardState, stateOf, type WorkflowRecord } from './shard-state.js'

const workflowView = (record: WorkflowRecord): WorkflowView => {
  const { attempt, token, worker: node, error: report } = record.snapshot.context
  const error = report && withoutCauses(report)
  return { id: record.id, name: record.name, state: stateOf(record), attempt, token, node, error }
}

function pageOf(records: readonly WorkflowRecord[]): WorkflowView[] {
  const page: WorkflowView[] = []
  let bytes = 0
  for (const record of records) {
    const view = workflowView(record)
    bytes += viewBytes(view)
    if (page.length > 0 && bytes > limits.jobPageBytesMax) break
    page.push(view)
  }
  return page
}

/** One page of a job, in the order of submission. */
export function jobPage(job: JobRecord, number: number, after: number): Answer {
  const { total, completed, failed, cancelled, skipped } = job.snapshot.context
  return {
    type: 'job',
    number,
    id: job.id,
    state: job.snapshot.value,
    total,
    ended: completed + failed + cancelled + skipped,
    workflows: pageOf([...job.steps.values()].slice(after, after + limits.workflowsPerPageMax)),
  }
}

/** The cluster as its leader sees it, in the shape of `covey status --json`. */
export function statusView({ state, seats, members, backlog }: StatusSource, number: number): Answer {
  const nodes = members
    .all()
    .slice(0, limits.membersMax)
    .map((member): NodeView => {
      const { nodeId, generation, roles, host, pid, since } = member
      const slots = { total: member.slots, used: seats.used(nodeId, generation) }
      return { id: nodeId, generation, state: member.state, roles: [...roles], slots, host, pid, since }
    })
  const { shard, leader, epoch, sequence } = state
  const { running, cancelling, completed, failed, cancelled } = state.jobCounts
  return {
    type: 'status',
    number,
    nodes,
    shards: [{ shard, leader: leader?.nodeId ?? null, epoch, sequence, backlog: backlog() }],
    jobs: { running: running + cancelling, completed, failed, cancelled },
  }
}

/** What a status is made of. */
export interface StatusSource {
  readonly state: ShardState
  readonly seats: Seats
  readonly members: Members
  readonly backlog: () => number
}
