import { limits } from '@covey/protocol'
import type { JobRecord, LogPlace, ShardState } from './shard-state.js'

/** The folded charts of the shards that this node leads, for those who look closer. */
export interface FoldedDetails {
  /** One chart in full; `undefined` where this node does not lead it. */
  find(kind: string, actor: string): FoldedDetail | undefined
  /** Those of the jobs that changed last, the newest first, and how many jobs there are. */
  jobs(max: number): { readonly jobs: readonly FoldedJob[]; readonly total: number }
  /** How many workflows of each name and list of labels wait for a worker, of the shards that this node leads. */
  queued(): readonly QueuedWorkflows[]
  /** Figures of all shards that this node folds. */
  counters(): Readonly<Record<string, number>>
}

/** How many workflows wait for a worker that offers a name and has some labels. */
interface QueuedWorkflows {
  readonly name: string
  readonly count: number
  readonly requires?: string[]
}

/** One folded chart in full. */
export interface FoldedDetail {
  readonly state: string
  readonly context: unknown
  /** What it waits for, in the time of its shard as of the last batch. */
  readonly due: { readonly event: string; readonly dueInMs: number } | null
}

/** One job as a list shows it. */
export interface FoldedJob {
  readonly id: string
  readonly state: string
  readonly total: number
  readonly ended: number
}

interface FoldedShard {
  readonly state: ShardState
  readonly isLeading: boolean
}

function detailOf(
  { jobs, workflows, timeMs }: ShardState,
  kind: string,
  actor: string,
): FoldedDetail | undefined {
  const record = kind === 'job' ? jobs.get(actor) : workflows.get(actor)
  if (record === undefined) return undefined
  const { value: state, context } = record.snapshot
  const due = record.kind === 'workflow' ? record.due : null
  return {
    state,
    context,
    due: due && { event: due.event.type, dueInMs: Math.max(0, due.dueMs - timeMs) },
  }
}

/** A job as a list shows it. */
export function jobRow({ id, snapshot }: JobRecord): FoldedJob {
  const { total, completed, failed, cancelled, skipped } = snapshot.context
  return { id, state: snapshot.value, total, ended: completed + failed + cancelled + skipped }
}

const newestFirst = (one: { readonly at: LogPlace }, other: { readonly at: LogPlace }): number =>
  other.at.sequence - one.at.sequence || other.at.index - one.at.index

/** The records that changed last, the newest first. */
export const newest = <Record extends { readonly at: LogPlace }>(
  records: Iterable<Record>,
  max: number,
): Record[] => [...records].sort(newestFirst).slice(0, max)

/** Workflows of the jobs that run, those first that were submitted first. */
function* unfinished(shards: readonly FoldedShard[]) {
  for (const { state } of shards)
    for (const { snapshot, steps } of state.jobs.values())
      if (snapshot.value === 'running') yield* steps.values()
}

/** Counts those that wait for a worker, of as many as may be looked at: one that nobody takes is of the first. */
function queuedOf(shards: readonly FoldedShard[]): QueuedWorkflows[] {
  const found = new Map<string, QueuedWorkflows>()
  let looks = 0
  for (const { name, demand, snapshot } of unfinished(shards)) {
    if (looks === limits.inspectQueuedLooksMax) break
    looks += 1
    if (snapshot.value !== 'queued') continue
    const requires = demand?.requires ?? []
    const kind = [name, ...requires].join(' ')
    const { count } = found.get(kind) ?? { count: 0 }
    if (count > 0 || found.size < limits.inspectQueuedNamesMax)
      found.set(kind, { name, count: count + 1, ...(requires.length > 0 && { requires }) })
  }
  return [...found.values()]
}

const countersOf = (shards: readonly FoldedShard[]): Record<string, number> => {
  const sum = (count: (state: ShardState) => number): number =>
    shards.reduce((total, { state }) => total + count(state), 0)
  return {
    shardsLed: shards.filter(({ isLeading }) => isLeading).length,
    jobsFolded: sum(({ jobs }) => jobs.size),
    workflowsFolded: sum(({ workflows }) => workflows.size),
    messagesFolded: sum(({ sequence }) => sequence),
    messagesSkipped: sum(({ skippedMessages }) => skippedMessages),
    eventsPoisoned: sum(({ poisonedEvents }) => poisonedEvents),
  }
}

/** Makes the view of some shards for who looks closer: it computes when asked, and costs nothing else. */
export function foldedDetails(shards: () => readonly FoldedShard[]): FoldedDetails {
  const led = (): FoldedShard[] => shards().filter(({ isLeading }) => isLeading)
  return {
    find(kind, actor) {
      for (const { state } of led()) {
        const detail = detailOf(state, kind, actor)
        if (detail !== undefined) return detail
      }
      return undefined
    },
    jobs(max) {
      const all = led().flatMap(({ state }) => [...state.jobs.values()])
      return { jobs: newest(all, max).map(jobRow), total: all.length }
    },
    queued: () => queuedOf(led()),
    counters: () => countersOf(shards()),
  }
}
