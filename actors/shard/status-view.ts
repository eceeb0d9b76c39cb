import type { LoadLevel } from '@covey/machines'
import {
  type Answer,
  type Counted,
  type JobView,
  limits,
  type NodeView,
  type WorkflowView,
  withoutCauses,
} from '@covey/protocol'
import type { Members } from '../membership/members.js'
import type { Breakers } from './breakers.js'
import { countedBytes, viewBytes } from './frame-sizes.js'
import type { Seats } from './seats.js'
import { type JobRecord, type ShardState, stateOf, type WorkflowRecord } from './shard-state.js'

/** What a queued workflow waits for, in words. */
export type WaitsOf = (record: WorkflowRecord) => string

function workflowView(record: WorkflowRecord, waitsOf: WaitsOf): WorkflowView {
  const { attempt, token, worker: node, error: report } = record.snapshot.context
  const error = report && withoutCauses(report)
  const { id, name, after, demand } = record
  const state = stateOf(record)
  const more = { ...(demand && { demand }), ...(state === 'queued' && { waits: waitsOf(record) }) }
  return { id, name, state, attempt, token, node, error, after, ...more }
}

function pageOf(records: readonly WorkflowRecord[], waitsOf: WaitsOf): WorkflowView[] {
  const page: WorkflowView[] = []
  let bytes = 0
  for (const record of records) {
    const view = workflowView(record, waitsOf)
    bytes += viewBytes(view)
    if (page.length > 0 && bytes > limits.jobPageBytesMax) break
    page.push(view)
  }
  return page
}

function jobView({ id, snapshot: { value: state, context } }: JobRecord): JobView {
  const { total, completed, failed, cancelled, skipped } = context
  return { id, state, total, ended: completed + failed + cancelled + skipped }
}

/** One page of all jobs, in the order of submission. */
export function jobsPage({ jobs }: ShardState, number: number, after: number): Answer {
  const page: JobView[] = []
  let index = 0
  for (const job of jobs.values()) {
    index += 1
    if (index <= after) continue
    page.push(jobView(job))
    if (page.length === limits.jobsPerPageMax) break
  }
  return { type: 'jobs', number, total: jobs.size, jobs: page }
}

/** One page of a job, in the order of submission. */
export function jobPage(job: JobRecord, number: number, after: number, waitsOf: WaitsOf): Answer {
  return {
    type: 'job',
    number,
    ...jobView(job),
    workflows: pageOf([...job.steps.values()].slice(after, after + limits.workflowsPerPageMax), waitsOf),
  }
}

/** One page of what the workflows of a job counted, in the order of their ends. */
export function statisticsPage(job: JobRecord, streamEpoch: number, number: number, after: number): Answer {
  const { id, snapshot, counted: all } = job
  const counted: Counted[] = []
  let bytes = 0
  for (const one of all?.slice(after, after + limits.workflowsPerPageMax) ?? []) {
    bytes += countedBytes(one)
    if (counted.length > 0 && bytes > limits.statisticsPageBytesMax) break
    counted.push(one)
  }
  const epoch = streamEpoch > 1 ? { streamEpoch } : {}
  return { type: 'statistics', number, id, state: snapshot.value, total: all?.length ?? 0, counted, ...epoch }
}

/** The cluster as its leader sees it, in the shape of `covey status --json`. */
export function statusView(
  { state, seats, members, backlog, admission, breakers }: StatusSource,
  number: number,
): Answer {
  const nodes = members
    .all()
    .slice(0, limits.membersMax)
    .map((member): NodeView => {
      const { nodeId: id, generation, state: shown, roles, host, pid, since, labels, busy = false } = member
      const end = members.endOf(id, generation)
      const slots = { total: member.slots, used: seats.used(id, generation) }
      const breaker = breakers?.stateOf(id, generation) ?? 'closed'
      const trouble = { ...(busy && { busy: true as const }), ...(breaker !== 'closed' && { breaker }) }
      const more = { ...(end && { end: end.how }), ...trouble }
      const offered = labels.length === 0 ? {} : { labels: [...labels] }
      return { id, generation, state: shown, roles: [...roles], slots, host, pid, since, ...more, ...offered }
    })
  const { shard, leader, streamEpoch, epoch, sequence } = state
  const { running, cancelling, completed, failed, cancelled } = state.jobCounts
  const place = { epoch, ...(streamEpoch > 1 && { streamEpoch }), sequence }
  const { level, limited } = admission
  const load = { backlog: backlog(), level, ...(limited > 0 && { limited }) }
  return {
    type: 'status',
    number,
    nodes,
    shards: [{ shard, leader: leader?.nodeId ?? null, ...place, ...load }],
    jobs: { running: running + cancelling, completed, failed, cancelled },
  }
}

/** What a status is made of. */
export interface StatusSource {
  readonly state: ShardState
  readonly seats: Seats
  readonly members: Members
  readonly backlog: () => number
  readonly admission: { readonly level: LoadLevel; readonly limited: number }
  readonly breakers?: Pick<Breakers, 'stateOf'>
}
