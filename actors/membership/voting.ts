import { isSick } from '@covey/machines'
import { limits, type VoteMessage, voteMessage } from '@covey/protocol'
import type { Environment, Self } from '../environment.js'
import type { OwnHealth } from './own-health.js'
import type { Peers } from './peers.js'
import type { Target } from './probe.js'
import type { Silence } from './silence.js'
import { VoteLedger } from './vote-ledger.js'

/** How long a statement holds, in probe periods (K32). */
const statementPeriods = 2

interface VotingGround {
  readonly env: Environment
  readonly peers: Peers
  readonly silence: Silence
  readonly health: OwnHealth
  /** The run of this node that may vote: none unless it is active (S10). */
  voter(): Self | undefined
}

/** Says what this node suspects, and counts what others say. */
export class Voting {
  readonly #ground: VotingGround
  readonly #ledger = new VoteLedger()
  #number = 0
  #hasSpoken = false

  constructor(ground: VotingGround) {
    this.#ground = ground
  }

  /** Once each probe period, and at once when a suspicion begins. */
  state(): void {
    const { env, silence, health, voter } = this.#ground
    const self = voter()
    if (self === undefined) return
    const suspects = isSick(health.value) ? [] : silence.votes().slice(0, limits.membersMax)
    // The last statement of a row is empty, so that a vote need not run out to be withdrawn.
    if (suspects.length === 0 && !this.#hasSpoken) return
    this.#hasSpoken = suspects.length > 0
    this.#number += 1
    const vote: VoteMessage = {
      generation: self.generation,
      number: this.#number,
      health: health.value,
      suspects: suspects.map(({ nodeId, generation }) => ({ node: nodeId, generation })),
    }
    env.links.control.publish(env.subjects.news('vote', self.nodeId), voteMessage.encode(vote))
  }

  hear(observer: string, vote: VoteMessage): void {
    const { clock, timings } = this.#ground.env
    this.#ledger.take(observer, vote, clock.now() + statementPeriods * timings.probeIntervalMs)
    this.count()
  }

  /** Counts the votes that hold now, and tells the peers of which there are more or fewer. */
  count(): void {
    const { env, peers, silence } = this.#ground
    const atMs = env.clock.now()
    this.#ledger.expire(atMs)
    const { members } = silence
    // Where nobody says anything, only those may have a vote too many of whom something was said.
    for (const view of this.#ledger.isEmpty ? peers.suspects() : peers.probed()) {
      const { nodeId, generation } = view.peer
      const votes = this.votersOf({ nodeId, generation }).length
      if (votes !== view.peer.votes) {
        peers.tell(nodeId, { type: 'votes.counted', generation, votes, atMs, members })
      }
    }
  }

  forget(subject: Target): void {
    this.#ledger.forget(subject)
  }

  /** Who else suspects a generation: members that are active and not suspect themselves. */
  votersOf(subject: Target): string[] {
    const { peers } = this.#ground
    return this.#ledger.votersOf(subject, ({ nodeId, generation }) => {
      const view = peers.view(nodeId)
      return view?.state === 'active' && view.peer.generation === generation
    })
  }
}
