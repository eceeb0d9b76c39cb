import { byeMessage, gossipMessage, type NewsKind, parseSubject, voteMessage } from '@covey/protocol'
import type { BusMessage, Stop } from '@covey/transport'
import type { Environment } from '../environment.js'
import { readFrame } from './frame-door.js'
import type { Peers } from './peers.js'
import type { Voting } from './voting.js'

interface RumourGround {
  readonly env: Environment
  readonly nodeId: string
  readonly peers: Peers
  readonly voting: Voting
  /** Somebody suspects this generation of this node. */
  onSuspected(generation: number): void
}

/**
 * Hears the lossy news of others: goodbyes, signs of life, votes. The subject names who speaks, and the broker lets
 * nobody else speak there.
 */
export class Rumours {
  readonly #ground: RumourGround
  #stops: Stop[] = []

  constructor(ground: RumourGround) {
    this.#ground = ground
  }

  open(): void {
    this.#hear('bye', (nodeId, message) => {
      const bye = readFrame(this.#ground.env, message, byeMessage)
      if (bye) this.#tell(nodeId, { type: 'leaving.heard', generation: bye.generation })
    })
    this.#hear('gossip', (nodeId, message) => {
      const { env } = this.#ground
      const gossip = readFrame(env, message, gossipMessage)
      if (gossip) this.#tell(nodeId, { type: 'alive.heard', ...gossip, atMs: env.clock.now() })
    })
    this.#hear('vote', (nodeId, message) => this.#heardVote(nodeId, message))
  }

  close(): void {
    for (const stop of this.#stops.splice(0)) stop()
  }

  #heardVote(observer: string, message: BusMessage): void {
    const { env, nodeId, voting, onSuspected } = this.#ground
    const vote = readFrame(env, message, voteMessage)
    if (vote === undefined) return
    for (const suspect of vote.suspects) if (suspect.node === nodeId) onSuspected(suspect.generation)
    voting.hear(observer, vote)
  }

  #tell(nodeId: string, event: Parameters<Peers['tell']>[1]): void {
    const { peers } = this.#ground
    // Whoever no fact has named yet is only a rumour: its facts are looked at first (O2).
    if (peers.view(nodeId) === undefined) peers.tell(nodeId, { type: 'rumour.heard' })
    peers.tell(nodeId, event)
  }

  #hear(kind: NewsKind, hear: (nodeId: string, message: BusMessage) => void): void {
    const { env, nodeId } = this.#ground
    const stop = env.links.control.subscribe(env.subjects.newsOfAll(kind), (message) => {
      const subject = parseSubject(env.subjects.cluster, message.subject)
      if (subject?.kind === 'news' && subject.node !== nodeId) hear(subject.node, message)
    })
    this.#stops.push(stop)
  }
}
