import type { PackedSnapshot } from '@covey/engine'
import type { jobMachine, workflowMachine } from '@covey/machines'
import { type Counted, type Policy, packValue } from '@covey/protocol'
import type { CancelAnswered, SweepAnswered } from './answered-cancels.js'
import { jobStepper, workflowStepper } from './charts.js'
import {
  type ExpiredJob,
  isEnded,
  type JobRecord,
  type ShardState,
  type WorkflowRecord,
} from './shard-state.js'

/** The version of these rows: what is kept is ours, and not the state of an interpreter, which may change with it. */
export const imageVersion = 8

/** Fields of a shard that are kept as they are. */
const plainFields = [
  ...(['shard', 'streamEpoch', 'epoch', 'leader', 'foldVersion', 'sequence', 'timeMs', 'retention'] as const),
  ...(['jobCounts', 'workflowCounts', 'endedWorkflows', 'endedBytes', 'events', 'snapshots'] as const),
  ...(['terms', 'horizon', 'answeredOutcomes', 'restoredAtMs', 'skippedMessages', 'poisonedEvents'] as const),
] as const
type Plain = Pick<ShardState, (typeof plainFields)[number]>

/** What of a shard is neither a job nor a workflow. Lists keep the order of their maps, which decides who goes first. */
export interface HeadRow {
  readonly version: number
  readonly plain: Plain
  readonly endedGenerations: readonly (readonly [worker: string, generation: number])[]
  readonly expired: readonly (readonly [job: string, expired: ExpiredJob])[]
  readonly answered: readonly (readonly [command: string, answer: CancelAnswered])[]
  readonly swept: readonly (readonly [command: string, answer: SweepAnswered])[]
}

/** A job without its workflows, which follow it. */
export interface JobRow
  extends Pick<JobRecord, 'id' | 'digest' | 'trace' | 'submittedAtMs' | 'at' | 'sinceMs'> {
  readonly chunks: readonly number[] | null
  readonly chart: PackedSnapshot<typeof jobMachine>
}

/** A workflow of the job before it. Its policy is the number of a policy before it, -1 where it has none. */
export interface WorkflowRow
  extends Pick<
    WorkflowRecord,
    'step' | 'name' | 'input' | 'after' | 'demand' | 'missing' | 'due' | 'result' | 'at' | 'sinceMs'
  > {
  readonly chart: PackedSnapshot<typeof workflowMachine>
  readonly policy: number
}

/** Which of the jobs have ended, first those that ended first, and who holds which attempts. */
export interface FootRow {
  readonly ended: readonly (readonly [job: string, bytes: number])[]
  readonly attempts: readonly (readonly [worker: string, workflows: readonly string[]])[]
}

/** A shard as a list: the head, each job with its workflows and what they counted behind it, the foot. */
export type ImageRow =
  | readonly ['head', HeadRow]
  | readonly ['policy', Policy]
  | readonly ['job', JobRow]
  | readonly ['workflow', WorkflowRow]
  | readonly ['counted', Counted]
  | readonly ['foot', FootRow]

/** A job as it is now. One that has ended changes no more and need not be copied. */
function copyOf(job: JobRecord): JobRecord {
  if (isEnded(job.snapshot.value)) return job
  const steps = new Map([...job.steps].map(([step, record]) => [step, { ...record }]))
  const { chunks, counted } = job
  return { ...job, chunks: chunks && new Set(chunks), steps, counted: counted && [...counted] }
}

const plainOf = (state: ShardState): Plain => {
  const plain = Object.fromEntries(plainFields.map((field) => [field, state[field]])) as unknown as Plain
  const { jobCounts, workflowCounts, snapshots } = plain
  return {
    ...plain,
    jobCounts: { ...jobCounts },
    workflowCounts: { ...workflowCounts },
    snapshots: [...snapshots],
  }
}

const jobRowOf = (job: JobRecord): JobRow => {
  const { id, digest, trace, chunks, submittedAtMs, at, sinceMs } = job
  return {
    ...{ id, digest, trace, submittedAtMs, at, sinceMs },
    chunks: chunks && [...chunks],
    chart: jobStepper.pack(job.snapshot),
  }
}

function workflowRowOf(record: WorkflowRecord, policy: number): WorkflowRow {
  const { step, name, input, after, demand, missing, due, result, at, sinceMs } = record
  const packed = workflowStepper.pack(record.snapshot)
  const chart = { ...packed, context: { ...packed.context, policy: null } }
  return { step, name, input, after, demand, missing, due, result, at, sinceMs, chart, policy }
}

/**
 * The state of a shard at this moment. What may still change is copied now, at once; the rows are made as they are asked
 * for, while the shard goes on.
 */
export function imageOf(state: ShardState): Iterable<ImageRow> {
  const head: HeadRow = {
    version: imageVersion,
    plain: plainOf(state),
    endedGenerations: [...state.endedGenerations],
    expired: [...state.expired],
    answered: [...state.answered],
    swept: [...state.swept],
  }
  const jobs = [...state.jobs.values()].map(copyOf)
  const foot: FootRow = {
    ended: [...state.ended].map(([{ id }, bytes]) => [id, bytes]),
    attempts: [...state.attempts].map(([worker, held]) => [worker, [...held].map(({ id }) => id)]),
  }
  return rowsOf(head, jobs, foot)
}

function* rowsOf(head: HeadRow, jobs: readonly JobRecord[], foot: FootRow): Generator<ImageRow> {
  yield ['head', head]
  const policies = new Map<Policy, number>()
  for (const job of jobs) {
    yield ['job', jobRowOf(job)]
    for (const record of job.steps.values()) {
      const { policy } = record.snapshot.context
      if (policy !== null && !policies.has(policy)) {
        policies.set(policy, policies.size)
        yield ['policy', policy]
      }
      yield ['workflow', workflowRowOf(record, (policy && policies.get(policy)) ?? -1)]
    }
    for (const counted of job.counted ?? []) yield ['counted', counted]
  }
  yield ['foot', foot]
}

/** Bytes of a row; those of all rows, one after the other, are the image. */
export const packRow = (row: ImageRow): Uint8Array => packValue(row)
