import {
  isEvidence,
  isVote,
  type PeerContext,
  patienceOf,
  type SuspicionGround,
  suspicionTimeoutMs,
} from '@covey/machines'
import type { Environment } from '../environment.js'
import type { OwnHealth } from './own-health.js'
import type { Target } from './probe.js'
import type { ProbedPeers } from './probed-peers.js'
import type { PeerView } from './watched-peer.js'

/** What this node's own probes say about the silence of peers, and whether that is more than its own trouble (K14). */
export class Silence {
  readonly #env: Environment
  readonly #probed: ProbedPeers
  readonly #health: OwnHealth

  constructor(env: Environment, probed: ProbedPeers, health: OwnHealth) {
    this.#env = env
    this.#probed = probed
    this.#health = health
  }

  /** How long the own link to the broker has been up without a break; 0 while it is not. */
  get linkUpMs(): number {
    const { state, stateSinceMs } = this.#env.links.control
    return state === 'up' ? this.#env.clock.now() - stateSinceMs : 0
  }

  /** Members that take part, this node included. */
  get members(): number {
    return this.#probed.size + 1
  }

  /** The peers whose silence this node stands for with its vote. */
  votes(): PeerContext[] {
    return this.#probed
      .silent()
      .filter((view) => isVote(this.#groundOf(view)))
      .map(({ peer }) => peer)
  }

  /** Whether this node's own vote against a generation counts towards its departure. */
  isEvidence({ nodeId, generation }: Target): boolean {
    const view = this.#probed.find(nodeId)
    if (view === undefined || view.peer.generation !== generation) return false
    return view.peer.silentSinceMs !== null && isEvidence(this.#groundOf(view))
  }

  #groundOf({ peer, heardAtMs, votes }: PeerView): SuspicionGround {
    const { clock, timings } = this.#env
    const { linkSettleMs, workerLeaseMs, probeIntervalMs } = timings
    const nowMs = clock.now()
    const input = { members: this.members, confirmations: votes, probeIntervalMs }
    return {
      linkUpMs: this.linkUpMs,
      heldMs: nowMs - (peer.silentSinceMs ?? nowMs),
      silentMs: nowMs - heardAtMs,
      suspicionMs: suspicionTimeoutMs(input) * patienceOf(this.#health.value),
      silentPeers: this.#probed.silentCount,
      probedPeers: this.#probed.size,
      linkSettleMs,
      workerLeaseMs,
    }
  }
}
