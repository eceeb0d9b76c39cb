import { isSick, type PeerContext, voicesWanted } from '@covey/machines'
import { limits, type VoteMessage, voteMessage } from '@covey/protocol'
import type { Environment, Self } from '../environment.js'
import type { OwnHealth } from './own-health.js'
import type { Peers } from './peers.js'
import type { Target } from './probe.js'
import type { Silence } from './silence.js'
import { keyOf, VoteLedger } from './vote-ledger.js'

/** How long a statement holds, in probe periods (K32). */
export const statementPeriods = 2

interface VotingGround {
  readonly env: Environment
  readonly peers: Peers
  readonly silence: Silence
  readonly health: OwnHealth
  /** The run of this node that may vote: none unless it is active (S10). */
  voter(): Self | undefined
  /** Others have begun to suspect a generation that this node has no complaint about. */
  onAccused(subject: Target): void
}

/** Says what this node suspects, and counts what others say. */
export class Voting {
  readonly #ground: VotingGround
  readonly #ledger = new VoteLedger()
  #number = 0
  /** Whom the last statement named. */
  #spoken: ReadonlySet<string> = new Set()

  constructor(ground: VotingGround) {
    this.#ground = ground
  }

  /** Once each probe period, and at once when a suspicion begins. */
  state(): void {
    const { env, voter } = this.#ground
    const self = voter()
    if (self === undefined) return
    const suspects = this.#spokenSuspects()
    // The last statement of a row is empty, so that a vote need not run out to be withdrawn.
    if (suspects.length === 0 && this.#spoken.size === 0) return
    this.#spoken = new Set(suspects.map(keyOf))
    this.#number += 1
    const vote: VoteMessage = {
      generation: self.generation,
      number: this.#number,
      health: this.#ground.health.value,
      suspects: suspects.map(({ nodeId, generation, incarnation }) => ({
        node: nodeId,
        generation,
        incarnation,
      })),
    }
    env.links.control.publish(env.subjects.news('vote', self.nodeId), voteMessage.encode(vote))
  }

  hear(observer: string, vote: VoteMessage): void {
    const { clock, timings } = this.#ground.env
    const concerned = this.#ledger.take(
      observer,
      vote,
      clock.now() + statementPeriods * timings.probeIntervalMs,
    )
    this.#count(concerned)
  }

  /** Once each probe period: drops what has run out, and counts anew, since voters change too. */
  count(): void {
    const { env, peers } = this.#ground
    this.#ledger.expire(env.clock.now())
    // As good as always nobody suspects anybody.
    if (peers.probed.suspectCount === 0 && this.#ledger.isSilent) return
    const suspects: Target[] = peers.probed.suspects().map(({ peer }) => peer)
    const all = suspects.concat(this.#ledger.subjects())
    this.#count(new Map(all.map((target) => [keyOf(target), target])).values())
  }

  /** Counts the votes that hold now, and tells the peers of which there are more or fewer. */
  #count(subjects: Iterable<Target>): void {
    const { peers, silence, onAccused } = this.#ground
    for (const { nodeId, generation } of subjects) {
      const view = peers.probed.find(nodeId)
      if (view === undefined || view.peer.generation !== generation) continue
      const votes = this.votersOf({ nodeId, generation }).length
      if (votes === view.votes) continue
      const isFirst = view.votes === 0 && view.peer.silentSinceMs === null
      peers.tellVotes({ nodeId, generation }, votes, silence.members)
      if (isFirst) onAccused({ nodeId, generation })
    }
  }

  /** What this node says aloud: what it has said before, and where too few others speak. */
  #spokenSuspects(): PeerContext[] {
    const { silence, health, peers } = this.#ground
    if (peers.probed.silentCount === 0 || isSick(health.value)) return []
    const wanted = silence
      .votes()
      .filter((subject) => this.#spoken.has(keyOf(subject)) || this.votersOf(subject).length < voicesWanted)
    return wanted.slice(0, limits.membersMax)
  }

  forget(subject: Target): void {
    this.#ledger.forget(subject)
  }

  /** Who else suspects a generation: members that are active and not suspect themselves. */
  votersOf(subject: Target): string[] {
    const { peers } = this.#ground
    const incarnation = peers.probed.find(subject.nodeId)?.peer.incarnation ?? 0
    return this.#ledger.votersOf({ ...subject, incarnation }, ({ nodeId, generation }) => {
      const view = peers.view(nodeId)
      return view?.state === 'active' && view.peer.generation === generation
    })
  }
}
