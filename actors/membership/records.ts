import { digestPlace } from '@covey/machines'
import type { MemberRecord } from '@covey/protocol'
import type { Endings } from './endings.js'
import type { Peers } from './peers.js'
import type { PeerView } from './watched-peer.js'

/** The record of a peer that takes part; `undefined` for any other. */
export function liveRecord({ state, peer }: PeerView): MemberRecord | undefined {
  if (state !== 'active' && state !== 'suspect' && state !== 'leaving') return undefined
  const { nodeId, generation, incarnation } = peer
  const phase = peer.phase === 'reentering' ? 'joining' : peer.phase
  return { node: nodeId, generation, phase, incarnation, dep: 'none' }
}

interface RecordsGround {
  readonly peers: Peers
  readonly endings: Endings
  readonly nodeId: string
  /** The record of this node itself, while it takes part. */
  own(): MemberRecord | undefined
}

/** What this node knows of every name, as records (section 2 of the rules): read off the actors and the facts. */
export class Records {
  readonly #ground: RecordsGround

  constructor(ground: RecordsGround) {
    this.#ground = ground
  }

  /** Everybody who takes part, this node included, in one of these places of a digest. */
  at(places: readonly number[]): MemberRecord[] {
    // As good as always: nobody knows anything that the other does not.
    if (places.length === 0) return []
    const { peers, own } = this.#ground
    const all = [own(), ...peers.probed.all().map(liveRecord)]
    return all
      .filter((record) => record !== undefined)
      .filter(({ node }) => places.includes(digestPlace(node)))
  }

  of(nodeId: string): MemberRecord | undefined {
    const { peers, endings, own } = this.#ground
    if (nodeId === this.#ground.nodeId) return own()
    const view = peers.view(nodeId)
    if (view === undefined || view.state === 'unverified') return undefined
    const { generation, incarnation } = view.peer
    const phase = view.peer.phase === 'reentering' ? 'joining' : view.peer.phase
    const dep = endings.of(nodeId, generation)?.how ?? 'none'
    return { node: nodeId, generation, phase, incarnation, dep }
  }
}
