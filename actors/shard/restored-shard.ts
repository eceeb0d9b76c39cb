import { attemptKey } from '@covey/machines'
import { type Counted, CoveyError, joinWorkflowId, type Policy, unpackValues } from '@covey/protocol'
import { countHeld, jobStepper, workflowStepper } from './charts.js'
import { link } from './fold-jobs.js'
import {
  type FootRow,
  type HeadRow,
  type ImageRow,
  imageVersion,
  type JobRow,
  type WorkflowRow,
} from './shard-image.js'
import {
  emptyShard,
  isComplete,
  type JobRecord,
  type ShardState,
  type WorkflowRecord,
} from './shard-state.js'

const unreadable = (what: string): CoveyError =>
  new CoveyError('invalid_message', `the snapshot of a shard: ${what}`, { address: 'snapshot' })

/** A shard while it is read row by row. */
class Restoring {
  readonly state: ShardState = emptyShard(0, 0)
  readonly #policies: Policy[] = []
  readonly #missing = new Map<WorkflowRecord, number>()
  #job: JobRecord | undefined
  isWhole = false

  take(row: ImageRow): void {
    switch (row[0]) {
      case 'head':
        this.#head(row[1])
        break
      case 'policy':
        this.#policies.push(row[1])
        break
      case 'job':
        this.#endJob()
        this.#beginJob(row[1])
        break
      case 'workflow':
        this.#workflow(row[1])
        break
      case 'counted':
        this.#counted(row[1])
        break
      case 'foot':
        this.#endJob()
        this.#foot(row[1])
        this.isWhole = true
        break
      default:
        throw unreadable('a row of an unknown kind')
    }
  }

  #head({ version, plain, endedGenerations, expired, answered, swept }: HeadRow): void {
    if (version !== imageVersion) throw unreadable(`its version ${version} is not ${imageVersion}`)
    Object.assign(this.state, plain)
    for (const [worker, generation] of endedGenerations) this.state.endedGenerations.set(worker, generation)
    for (const [job, known] of expired) this.state.expired.set(job, known)
    for (const [command, answer] of answered) this.state.answered.set(command, answer)
    for (const [command, answer] of swept) this.state.swept.set(command, answer)
  }

  /** With its fields in the order of those that a fold makes: the engine takes both for one kind of object. */
  #beginJob({ id, digest, trace, chunks, submittedAtMs, chart, at, sinceMs }: JobRow): void {
    const steps = new Map<string, WorkflowRecord>()
    const snapshot = jobStepper.unpack(chart)
    const known = chunks && new Set(chunks)
    this.#job = {
      ...({ kind: 'job', id, digest, trace, chunks: known, steps, submittedAtMs } as const),
      ...{ counted: null, snapshot, at, sinceMs },
    }
    this.state.jobs.set(id, this.#job)
  }

  #workflow({
    step,
    name,
    input,
    after,
    demand,
    chart,
    policy,
    missing,
    due,
    result,
    at,
    sinceMs,
  }: WorkflowRow): void {
    const job = this.#job
    if (job === undefined) throw unreadable('a workflow before any job')
    const context = { ...chart.context, policy: this.#policies[policy] ?? null }
    const snapshot = workflowStepper.unpack({ ...chart, context })
    const record: WorkflowRecord = {
      ...({ kind: 'workflow', id: joinWorkflowId(job.id, step), job, step, name, input, after } as const),
      ...{ demand, key: attemptKey(name, demand?.key) },
      ...{ dependents: [], missing: 0, snapshot, due, result, at, sinceMs },
    }
    this.#missing.set(record, missing)
    job.steps.set(record.step, record)
    this.state.workflows.set(record.id, record)
  }

  #counted(counted: Counted): void {
    const job = this.#job
    if (job === undefined) throw unreadable('what was counted before any job')
    job.counted ??= []
    job.counted.push(counted)
  }

  /** Who depends on whom is in the steps; how many of them are still awaited is not. */
  #endJob(): void {
    if (this.#job !== undefined && isComplete(this.#job)) link(this.#job)
    for (const [record, missing] of this.#missing) record.missing = missing
    this.#missing.clear()
  }

  #foot({ ended, attempts }: FootRow): void {
    const { jobs, workflows } = this.state
    for (const [id, bytes] of ended) {
      const job = jobs.get(id)
      if (job === undefined) throw unreadable(`${id} has ended and is not there`)
      this.state.ended.set(job, bytes)
    }
    for (const [worker, ids] of attempts) {
      const held = ids.flatMap((id) => workflows.get(id) ?? [])
      this.state.attempts.set(worker, new Set(held))
      for (const record of held) countHeld(this.state, record, 1)
    }
  }
}

/**
 * The shard that an image shows, byte for byte what a fold of the log up to there gives. Throws `invalid_message` for
 * what is no image, is cut short, or has another version.
 */
export function restoreShard(bytes: Uint8Array): ShardState {
  const restoring = new Restoring()
  unpackValues(bytes, (row) => {
    if (!Array.isArray(row)) throw unreadable('a row is not a list')
    restoring.take(row as unknown as ImageRow)
  })
  if (!restoring.isWhole) throw unreadable('its end is missing')
  return restoring.state
}

/** Puts one state in the place of another, for those who hold it: they keep their listeners. */
export function becomeShard(state: ShardState, { listeners: _, notice: __, ...restored }: ShardState): void {
  Object.assign(state, restored)
}
