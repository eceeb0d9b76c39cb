import { isEvidence, isVote, patienceOf, type SuspicionGround, suspicionTimeoutMs } from '@covey/machines'
import type { Environment } from '../environment.js'
import type { OwnHealth } from './own-health.js'
import type { Peers, PeerView } from './peers.js'
import type { Target } from './probe.js'

/** What this node's own probes say about the silence of peers, and whether that is more than its own trouble (K14). */
export class Silence {
  readonly #env: Environment
  readonly #peers: Peers
  readonly #health: OwnHealth

  constructor(env: Environment, peers: Peers, health: OwnHealth) {
    this.#env = env
    this.#peers = peers
    this.#health = health
  }

  /** How long the own link to the broker has been up without a break; 0 while it is not. */
  get linkUpMs(): number {
    const { state, stateSinceMs } = this.#env.links.control
    return state === 'up' ? this.#env.clock.now() - stateSinceMs : 0
  }

  /** Members that take part, this node included. */
  get members(): number {
    return this.#peers.probed().length + 1
  }

  /** The peers whose silence this node stands for with its vote. */
  votes(): Target[] {
    const probed = this.#peers.probed()
    return this.#peers
      .suspects()
      .filter((view) => view.peer.silentSinceMs !== null && isVote(this.#groundOf(view, probed)))
      .map(({ peer: { nodeId, generation } }) => ({ nodeId, generation }))
  }

  /** Whether this node's own vote against a generation counts towards its departure. */
  isEvidence({ nodeId, generation }: Target): boolean {
    const probed = this.#peers.probed()
    const view = probed.find(({ peer }) => peer.nodeId === nodeId && peer.generation === generation)
    return view !== undefined && view.peer.silentSinceMs !== null && isEvidence(this.#groundOf(view, probed))
  }

  #groundOf({ peer }: PeerView, probed: readonly PeerView[]): SuspicionGround {
    const { clock, timings } = this.#env
    const { linkSettleMs, workerLeaseMs, probeIntervalMs } = timings
    const nowMs = clock.now()
    const input = { members: probed.length + 1, confirmations: peer.votes, probeIntervalMs }
    return {
      linkUpMs: this.linkUpMs,
      heldMs: nowMs - (peer.silentSinceMs ?? nowMs),
      silentMs: nowMs - peer.heardAtMs,
      suspicionMs: suspicionTimeoutMs(input) * patienceOf(this.#health.value),
      silentPeers: probed.filter((other) => other.peer.silentSinceMs !== null).length,
      probedPeers: probed.length,
      linkSettleMs,
      workerLeaseMs,
    }
  }
}
