import {
  applyEntry,
  emptyShard,
  jobRow,
  newest,
  readSnapshot,
  type ShardState,
  type SnapshotReference,
  snapshotsNamedIn,
} from '@covey/actors'
import { CoveyError, foldVersion, type Subjects } from '@covey/protocol'
import type { Clock, Facts, Log } from '@covey/transport'
import type { InspectorLimits } from './inspector-limits.js'
import { readOn } from './log-pages.js'
import type { FoldedView } from './page-protocol.js'

/** What folds stand on. */
export interface LogFoldOptions {
  readonly log: (shard: number) => Log
  /** Where the snapshots are with which a trimmed log begins. */
  readonly objects: Facts
  readonly subjects: Subjects
  readonly clock: Clock
  readonly limits: InspectorLimits
  /** Ends a fold that is under way. */
  readonly signal: AbortSignal
}

function viewOf(state: ShardState, { foldedJobsMax, foldedWorkflowsMax }: InspectorLimits): FoldedView {
  const { sequence, epoch, leader, timeMs, jobs, workflows } = state
  return {
    sequence,
    epoch,
    leader: leader?.nodeId ?? null,
    shardTimeMs: timeMs,
    jobs: newest(jobs.values(), foldedJobsMax).map(jobRow),
    workflows: newest(workflows.values(), foldedWorkflowsMax).map(({ id, snapshot }) => {
      const { attempt, worker: node } = snapshot.context
      return { id, state: snapshot.value, attempt, node }
    }),
    jobsTotal: jobs.size,
    workflowsTotal: workflows.size,
  }
}

/**
 * Time travel: the state of a shard after any message of its log, folded here as a manager folds it. One state is kept
 * for a while: forward it goes on from there, backward it begins anew, and so it does where the log has lost what was folded
 * of it (K11). One fold at a time.
 */
export class LogFold {
  readonly #options: LogFoldOptions
  #state: ShardState | undefined
  #forgetting: unknown
  #waiting = 0
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: LogFoldOptions) {
    this.#options = options
  }

  /** The state after a message, or after the last where there are fewer. Rejects `overloaded`, `deadline`, `log_damaged`. */
  async at(shard: number, sequence: number): Promise<FoldedView> {
    const { limits } = this.#options
    if (this.#waiting >= limits.foldsWaitingMax) {
      throw new CoveyError('overloaded', `${this.#waiting} folds of the log are waiting`, {
        mend: 'ask again later',
      })
    }
    this.#waiting += 1
    const before = this.#last
    const turn = (async () => {
      await before.catch(() => undefined)
      return viewOf(await this.#fold(shard, sequence), limits)
    })()
    this.#last = turn
    try {
      return await turn
    } finally {
      this.#waiting -= 1
    }
  }

  /** Forgets the state that it keeps. */
  close(): void {
    this.#options.clock.clearTimeout(this.#forgetting)
    this.#state = undefined
  }

  async #fold(shard: number, sequence: number, isBegun = false): Promise<ShardState> {
    const { log, subjects, clock, limits, signal } = this.#options
    clock.clearTimeout(this.#forgetting)
    const kept = this.#state
    const state = kept?.shard === shard && kept.sequence <= sequence ? kept : emptyShard(shard, foldVersion)
    this.#state = state
    this.#forgetting = clock.setTimeout(() => this.close(), limits.foldKeptMs)
    if (state.sequence === sequence) return state
    const readMsMax = limits.foldMsMax
    let jumpedTo: number | undefined
    let isForeign = false
    const outcome = await readOn(log(shard), state.sequence, { clock, readMsMax, signal }, (entry) => {
      const folded = applyEntry(state, subjects, entry, state === kept && !isBegun)
      if (folded === 'hole') jumpedTo = entry.sequence
      isForeign = folded === 'foreign'
      return jumpedTo === undefined && !isForeign && state.sequence < sequence
    })
    if (isForeign) {
      this.#state = undefined
      return this.#fold(shard, sequence, true)
    }
    if (jumpedTo !== undefined) {
      this.#state = await this.#begin(shard, jumpedTo, sequence)
      return this.#fold(shard, sequence, true)
    }
    if (outcome !== 'late') return state
    throw new CoveyError(
      'deadline',
      `the fold has come to ${state.sequence} of ${sequence} in ${readMsMax} ms`,
      {
        mend: 'ask again: it goes on from there',
      },
    )
  }

  /** The oldest state that can still be had of a log that begins later. Rejects `expired`, `log_damaged`. */
  async #begin(shard: number, first: number, sequence: number): Promise<ShardState> {
    const { log, subjects, clock, limits, signal } = this.#options
    const batchSubject = subjects.batch(shard)
    let oldest: SnapshotReference | undefined
    await readOn(log(shard), first - 1, { clock, readMsMax: limits.foldMsMax, signal }, (entry) => {
      ;[oldest] = snapshotsNamedIn(batchSubject, entry)
      return oldest === undefined
    })
    if (oldest !== undefined && oldest.sequence > sequence) {
      throw new CoveyError('expired', `the log of shard ${shard} is kept from message ${oldest.sequence} on`)
    }
    const state = oldest && (await this.#read(shard, oldest))
    if (state !== undefined && state.sequence >= first - 1) return state
    throw new CoveyError(
      'log_damaged',
      `the log of shard ${shard} goes on at ${first}, and no snapshot leads there`,
    )
  }

  /** Rejects `unavailable` where the store does not give it in time. */
  async #read(shard: number, reference: SnapshotReference): Promise<ShardState | undefined> {
    const { objects, subjects, clock, limits, signal } = this.#options
    const late = new AbortController()
    const timer = clock.setTimeout(() => late.abort(), limits.foldMsMax)
    let reason = 'it does not answer'
    const onWaiting = (told: string): void => {
      reason = told
    }
    const ground = { objects, subjects, clock, shard, onWaiting, retryMs: limits.snapshotRetryMs }
    try {
      const state = await readSnapshot(
        { ...ground, signal: AbortSignal.any([late.signal, signal]) },
        reference,
      )
      if (!late.signal.aborted) return state
      throw new CoveyError('unavailable', `the snapshot of shard ${shard} cannot be had: ${reason}`)
    } finally {
      clock.clearTimeout(timer)
    }
  }
}
