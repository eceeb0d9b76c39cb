import { applyEntry, emptyShard, jobRow, newest, type ShardState } from '@covey/actors'
import { CoveyError, foldVersion, type Subjects } from '@covey/protocol'
import type { Clock, Log } from '@covey/transport'
import type { InspectorLimits } from './inspector-limits.js'
import { readOn } from './log-pages.js'
import type { FoldedView } from './page-protocol.js'

/** What folds stand on. */
export interface LogFoldOptions {
  readonly log: (shard: number) => Log
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
 * for a while: forward it goes on from there, backward it begins anew. One fold at a time.
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

  async #fold(shard: number, sequence: number): Promise<ShardState> {
    const { log, subjects, clock, limits, signal } = this.#options
    clock.clearTimeout(this.#forgetting)
    const kept = this.#state
    const state = kept?.shard === shard && kept.sequence <= sequence ? kept : emptyShard(shard, foldVersion)
    this.#state = state
    this.#forgetting = clock.setTimeout(() => this.close(), limits.foldKeptMs)
    if (state.sequence === sequence) return state
    const readMsMax = limits.foldMsMax
    const outcome = await readOn(log(shard), state.sequence, { clock, readMsMax, signal }, (entry) => {
      if (applyEntry(state, subjects, entry) === 'hole') {
        throw new CoveyError('log_damaged', `the log goes on at ${entry.sequence} after ${state.sequence}`)
      }
      return state.sequence < sequence
    })
    if (outcome !== 'late') return state
    throw new CoveyError(
      'deadline',
      `the fold has come to ${state.sequence} of ${sequence} in ${readMsMax} ms`,
      {
        mend: 'ask again: it goes on from there',
      },
    )
  }
}
