import { joinWorkflowId, type Step } from '@covey/protocol'
import { isLossOver } from './log-loss.js'
import type { Placement, Proposal } from './placement.js'
import type { ShardState } from './shard-state.js'
import type { TermLog } from './term-log.js'
import type { Wants } from './wants.js'

/** What assigns: one per term. */
export interface AssigningOptions {
  readonly state: ShardState
  readonly placement: Placement
  readonly wants: Wants
  readonly log: Pick<TermLog, 'propose' | 'shardNowMs'>
  readonly workerLeaseMs: number
  /** Whether the term gives work out: its outbox is read, and it does not hand over. */
  readonly isOpen: () => boolean
}

/** Brings what placement proposes into the log, and tells it what became of that. */
export class Assigning {
  readonly #options: AssigningOptions

  constructor(options: AssigningOptions) {
    this.#options = options
  }

  /** Assigns what is queued, as far as credits go, and says how many more slots the shard could use. */
  place(): void {
    if (!this.#mayAssign) return
    const { placement, wants } = this.#options
    for (const proposal of placement.propose()) this.#assign(proposal)
    wants.look()
  }

  /** Assigns what of a job that the log does not know is just being submitted, in the same batch, as far as credits go. */
  placeNew(job: string, steps: readonly Step[]): void {
    if (!this.#mayAssign) return
    for (const { step, name, after, demand } of steps) {
      if (after.length > 0) continue
      const proposal = this.#options.placement.proposeNew({ id: joinWorkflowId(job, step), name, demand })
      if (proposal) this.#assign(proposal)
    }
  }

  /** Not while what lost entries of the log gave out may still run (K11). */
  get #mayAssign(): boolean {
    const { isOpen, state, log, workerLeaseMs } = this.#options
    return isOpen() && isLossOver(state, log.shardNowMs(), workerLeaseMs)
  }

  #assign(proposal: Proposal): void {
    const { placement, log } = this.#options
    const isQueued = log.propose(proposal.event, (applied) =>
      placement.settle(proposal, applied.kind === 'assignment' && applied.taken),
    )
    if (!isQueued) placement.settle(proposal, false)
  }
}
