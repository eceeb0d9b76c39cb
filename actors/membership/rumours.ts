import type { PeerEvent } from '@covey/machines'
import { byeMessage, gossipMessage, type NewsKind, parseSubject, voteMessage } from '@covey/protocol'
import type { BusMessage, Stop } from '@covey/transport'
import type { Environment } from '../environment.js'
import type { Corrections } from './corrections.js'
import { readFrame } from './frame-door.js'
import type { Peers } from './peers.js'
import type { Voting } from './voting.js'

interface RumourGround {
  readonly env: Environment
  readonly nodeId: string
  readonly peers: Peers
  readonly voting: Voting
  readonly corrections: Corrections
  /** Somebody suspects a generation of this node, under an incarnation. */
  onSuspected(observer: string, generation: number, incarnation: number): void
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
    this.#ground.corrections.answer({ nodeId: observer, generation: vote.generation })
    for (const { node, generation, incarnation } of vote.suspects) {
      if (node === nodeId) onSuspected(observer, generation, incarnation)
    }
    voting.hear(observer, vote)
  }

  #tell(nodeId: string, event: Extract<PeerEvent, { type: 'leaving.heard' | 'alive.heard' }>): void {
    const { peers, corrections } = this.#ground
    corrections.answer({ nodeId, generation: event.generation })
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
