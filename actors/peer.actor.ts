import { fastBound } from '@covey/engine'
import { peerMachine } from '@covey/machines'
import type { Ending } from './membership/members.js'
import type { Target } from './membership/probe.js'

/** What a peer's decisions are carried out by. */
export interface PeerEffects {
  /** Reads the facts of a node that only rumours have named. */
  lookAtFacts(nodeId: string): void
  tellEnded(ending: Ending): void
  openConnection(target: Target): void
  drainConnection(nodeId: string): void
  closeConnection(nodeId: string): void
  forgetVotes(target: Target): void
  /** Asks the voters once more and writes that the peer has crashed, if enough of them say so (K32). */
  proposeDeparture(target: Target): void
}

/** The machine of another node, bound. */
export const peerActor = (effects: PeerEffects) =>
  fastBound(peerMachine, {
    'facts.look': (_, { nodeId }) => effects.lookAtFacts(nodeId),
    'members.ended': (_, ending) => effects.tellEnded(ending),
    'connection.open': (_, target) => effects.openConnection(target),
    'connection.drain': (_, { nodeId }) => effects.drainConnection(nodeId),
    'connection.close': (_, { nodeId }) => effects.closeConnection(nodeId),
    'votes.forget': (_, target) => effects.forgetVotes(target),
    'departure.propose': (_, target) => effects.proposeDeparture(target),
  })
