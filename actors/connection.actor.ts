import { fast } from '@covey/engine'
import { type ConnectionEvent, connectionMachine } from '@covey/machines'
import { helloMessage, refusalMessage, sessionDoor, welcomeMessage } from '@covey/protocol'
import type { Environment, Self } from './environment.js'
import { readFrame } from './membership/frame-door.js'
import { connectionAddress } from './membership/peers.js'
import type { Target } from './membership/probe.js'

/** What the sessions of one node need beside the world. */
export interface ConnectionGround {
  /** The generation held now, under which this side says hello. */
  self(): Self | undefined
  readonly version: string
}

/** The machine of the sessions of one node, bound once for all its peers: each session has its own in its context. */
export function connectionActor(env: Environment, { self, version }: ConnectionGround) {
  const { links, subjects, system } = env
  const tell = (peer: string, event: ConnectionEvent): void => {
    const address = connectionAddress(peer)
    // The peer may have ended meanwhile, and its session with it.
    if (system.has(address)) system.send(address, event)
  }
  const hello = async (peer: Target, session: string, timeoutMs: number): Promise<ConnectionEvent> => {
    const own = self()
    if (own === undefined) return { type: 'session.unanswered', session }
    const subject = subjects.node(peer.nodeId, peer.generation, 'session')
    const { nodeId: from, generation } = own
    const frame = helloMessage.encode({ from, generation, session, version, capabilities: [] })
    const outcome = await links.control.request(subject, frame, timeoutMs)
    if (outcome.kind !== 'reply') return { type: 'session.unanswered', session }
    const answer = readFrame(env, { subject, data: outcome.data }, sessionDoor)
    if (answer === undefined) return { type: 'session.unanswered', session }
    if (answer.kind === 'session.welcome') return { type: 'session.welcomed', session: answer.body.session }
    return { type: 'session.refused', session, reason: answer.body.reason }
  }
  const answer = (reply: string, frame: Uint8Array): void => {
    // Unanswered, the other side asks again: a link that is down needs no second word here.
    links.control.publish(reply, frame)
  }
  return fast(
    connectionMachine.provide({
      actions: {
        'link.confirm': ({ context: { peer } }) => {
          links.control.flush().then(
            () => tell(peer, { type: 'link.confirmed' }),
            (error: unknown) =>
              env.notice({ kind: 'store.waiting', what: connectionAddress(peer), reason: String(error) }),
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
          answer(
            reply,
            refusalMessage.encode({ reason, detail: `from ${self()?.nodeId ?? 'a node that ends'}` }),
          ),
      },
    }),
  )
}
