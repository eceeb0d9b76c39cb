import { fastBound } from '@covey/engine'
import {
  type ConnectionEvent,
  connectionMachine,
  type RefusalReason,
  type SessionTerms,
} from '@covey/machines'
import {
  helloMessage,
  type RefusalMessage,
  refusalMessage,
  sessionDoor,
  welcomeMessage,
} from '@covey/protocol'
import type { Environment, Self } from './environment.js'
import { readFrame } from './membership/frame-door.js'
import type { Target } from './membership/probe.js'

/** What the sessions of one node need beside the world. */
export interface ConnectionGround {
  readonly terms: SessionTerms
  /** The generation held now, under which this side says hello. */
  self(): Self | undefined
  /** Tells the session with a peer, where there still is one. */
  tell(peer: string, event: ConnectionEvent): void
  /** The wait of a session before its next dial is over: it asks for its turn. */
  awaitTurn(peer: string): void
  /** What a refusal says, in words for a person. */
  describe(refusal: RefusalMessage): string
}

/** The machine of the sessions of one node, bound once for all its peers: each session has its own in its context. */
export function connectionActor(env: Environment, ground: ConnectionGround) {
  const { links, subjects, clock } = env
  const { self, tell, terms, describe } = ground
  const hello = async (peer: Target, session: string, timeoutMs: number): Promise<ConnectionEvent> => {
    const own = self()
    if (own === undefined) return { type: 'session.unanswered', session }
    const subject = subjects.node(peer.nodeId, peer.generation, 'session')
    const { nodeId: from, generation } = own
    const frame = helloMessage.encode({
      ...{ from, generation, session, version: terms.version },
      ...{ capabilities: [...terms.capabilities], configuration: terms.configuration },
    })
    const askedAtMs = clock.now()
    const outcome = await links.control.request(subject, frame, timeoutMs)
    if (outcome.kind !== 'reply') return { type: 'session.unanswered', session }
    const answer = readFrame(env, { subject, data: outcome.data }, sessionDoor)
    if (answer === undefined) return { type: 'session.unanswered', session }
    if (answer.kind === 'session.welcome') {
      return { type: 'session.welcomed', session: answer.body.session, roundTripMs: clock.now() - askedAtMs }
    }
    return { type: 'session.refused', session, reason: answer.body.reason, detail: describe(answer.body) }
  }
  const answer = (reply: string, frame: Uint8Array): void => {
    // Unanswered, the other side asks again: a link that is down needs no second word here.
    links.control.publish(reply, frame)
  }
  const detailOf = (reason: RefusalReason): string =>
    reason === 'duplicate'
      ? 'both have said hello, and the session of the lower name stays'
      : 'this node leaves'
  return fastBound(connectionMachine, {
    'dial.await': ({ context: { peer } }) => ground.awaitTurn(peer),
    'link.confirm': ({ context: { peer } }) => {
      Promise.all([links.control.flush(), links.data.flush()]).then(
        () => tell(peer, { type: 'link.confirmed' }),
        (error: unknown) =>
          env.notice({ kind: 'store.waiting', what: `link for ${peer}`, reason: String(error) }),
      )
    },
    'session.hello': ({ context: { peer, generation } }, { session, timeoutMs }) => {
      hello({ nodeId: peer, generation }, session, timeoutMs).then(
        (event) => tell(peer, event),
        (error: unknown) => {
          env.notice({ kind: 'defect', what: `hello to ${peer}`, error })
          tell(peer, { type: 'session.unanswered', session })
        },
      )
    },
    'session.welcome': (_, { session, reply }) =>
      answer(reply, welcomeMessage.encode({ generation: self()?.generation ?? 0, session })),
    'session.refuse': (_, { reply, reason }) =>
      answer(reply, refusalMessage.encode({ reason, detail: detailOf(reason) })),
  })
}
