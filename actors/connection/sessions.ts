import type { ConnectionEvent } from '@covey/machines'
import { type HelloMessage, limits, type RefusalMessage } from '@covey/protocol'
import type { Stop } from '@covey/transport'
import { connectionActor } from '../connection.actor.js'
import type { Environment, Self } from '../environment.js'
import type { Target } from '../membership/probe.js'
import type { PeerView } from '../membership/watched-peer.js'
import { areUp, followBoth } from './both-links.js'
import { type ConnectionSnapshot, type ConnectionView, viewAfter } from './connection-view.js'
import { DialTurns } from './dial-turns.js'
import { Handshake } from './handshake.js'

interface SessionsGround {
  readonly env: Environment
  readonly nodeId: string
  readonly version: string
  /** The run of this node that takes part, active or leaving. */
  self(): Self | undefined
  /** What is known of a node, where anything is. */
  peer(nodeId: string): PeerView | undefined
  peers(): readonly PeerView[]
}

/** The address of the session with a node. */
const addressOf = (nodeId: string): string => `connection.${nodeId}`

const mayBeSpokenTo = (view: PeerView | undefined): view is PeerView =>
  view?.state === 'active' || view?.state === 'suspect'

/**
 * All sessions of a node with its peers, one actor for each that was needed. In a small cluster every pair opens one
 * unasked; in a large one it is opened when somebody wants to say something. Probes keep them alive: a session itself
 * sends nothing while it is open.
 */
export class Sessions {
  readonly #ground: SessionsGround
  readonly #handshake: Handshake
  readonly #logic: ReturnType<typeof connectionActor>
  readonly #turns: DialTurns
  readonly #views = new Map<string, ConnectionView>()
  /** The peers that take part, each with its generation: known here before its own actor shows its new state. */
  readonly #active = new Map<string, number>()
  /** Somebody waits for a session with them. */
  readonly #needed = new Set<string>()
  readonly #listeners = new Set<(peer: string) => void>()
  #mayDial = false
  #stopNews: Stop | undefined

  constructor(ground: SessionsGround) {
    const { env, nodeId, version, self } = ground
    this.#ground = ground
    this.#handshake = new Handshake(env, nodeId, version)
    this.#turns = new DialTurns(env.clock, (nodeId) => this.#begin(nodeId))
    this.#logic = connectionActor(env, {
      terms: this.#handshake.terms,
      self,
      tell: (peer, event) => this.#tell(peer, event),
      awaitTurn: (peer) => this.#awaitTurn(peer),
      describe: (refusal) => this.#handshake.describe(refusal),
    })
  }

  start(): void {
    this.#stopNews = followBoth(this.#ground.env.links, (areUp) => {
      const type = areUp ? 'link.found' : 'link.lost'
      for (const nodeId of this.#views.keys()) this.#tell(nodeId, { type })
      if (areUp) this.#turns.open()
      else this.#turns.close()
    })
  }

  /** Ends all sessions: this node, or its present generation, is over. */
  close(): void {
    this.reset()
    this.#stopNews?.()
    this.#turns.close()
  }

  /** Ends the sessions of a generation that is over. */
  reset(): void {
    this.#mayDial = false
    for (const nodeId of [...this.#views.keys()]) this.#forget(nodeId)
  }

  /** This node takes part from now on: it opens what it opens unasked. */
  activate(): void {
    this.#mayDial = true
    for (const { state, peer } of this.#ground.peers()) if (state === 'active') this.open(peer)
  }

  /** A peer takes part: a session with it is opened now, or when it is first needed. */
  open({ nodeId, generation }: Target): void {
    this.#active.set(nodeId, generation)
    const known = this.#views.get(nodeId)
    if (known !== undefined && known.context.generation !== generation) this.#forget(nodeId)
    if (!this.#mayDial || !this.#isEager) return
    if (!this.#views.has(nodeId)) this.#spawn({ nodeId, generation })
    if (this.#views.get(nodeId)?.state === 'idle') this.#turns.await(nodeId)
  }

  /** Somebody wants to speak to a peer: opens a session where there is none. Answers whether that may become one. */
  need(nodeId: string): boolean {
    const generation = this.#active.get(nodeId)
    if (generation === undefined || !this.#mayDial) return false
    if (this.#views.get(nodeId)?.state === 'open') return true
    this.#needed.add(nodeId)
    if (!this.#views.has(nodeId)) this.#spawn({ nodeId, generation })
    if (this.#views.get(nodeId)?.state === 'idle') this.#turns.await(nodeId)
    return true
  }

  /** A peer has said hello: hands it to the session's actor, or answers why not. */
  offer(hello: HelloMessage, reply: string): RefusalMessage | undefined {
    const { from, generation, session } = hello
    const refusal = this.#handshake.refusalOf(hello)
    // Also to who is no member yet: it asks so whether it may join (S3).
    if (refusal?.settings !== undefined) return refusal
    if (!areUp(this.#ground.env.links)) return { reason: 'unready', detail: 'a link of this node is down' }
    const view = this.#ground.peer(from)
    if (!mayBeSpokenTo(view) || view.peer.generation !== generation) {
      // The facts of whoever says hello may not have been read here yet: it asks again.
      return { reason: 'not_a_member', detail: `generation ${generation} of ${from} is not active here` }
    }
    if (refusal !== undefined) {
      this.#handshake.tell({ nodeId: from, generation }, refusal.detail)
      return refusal
    }
    if (this.#views.get(from)?.state === 'closed') this.#forget(from)
    if (!this.#views.has(from)) this.#spawn(view.peer)
    this.#tell(from, { type: 'session.offered', session, reply })
    return undefined
  }

  /** One side leaves. */
  drain(nodeId: string): void {
    this.#active.delete(nodeId)
    this.#tell(nodeId, { type: 'connection.drain' })
  }

  drainAll(): void {
    this.#mayDial = false
    for (const nodeId of this.#views.keys()) this.#tell(nodeId, { type: 'connection.drain' })
  }

  /** The generation of a peer is over. */
  end(nodeId: string): void {
    this.#active.delete(nodeId)
    this.#tell(nodeId, { type: 'connection.close' })
    this.#handshake.forget(nodeId)
    this.#drop(nodeId)
  }

  view(nodeId: string): ConnectionView | undefined {
    return this.#views.get(nodeId)
  }

  views(): ReadonlyMap<string, ConnectionView> {
    return this.#views
  }

  /** What was said in a session is not what it is about: the other side does not know it. */
  noteUnknown(nodeId: string, session: string): void {
    this.#tell(nodeId, { type: 'session.unanswered', session })
  }

  /** Calls back with the name of a peer whenever the session with it is not as it was. */
  onChange(listener: (peer: string) => void): Stop {
    const listen = (peer: string): void => listener(peer)
    this.#listeners.add(listen)
    return () => this.#listeners.delete(listen)
  }

  /** Whether the cluster is small enough for a session of every pair. */
  get #isEager(): boolean {
    return this.#active.size <= limits.eagerSessionsMax
  }

  #tell(nodeId: string, event: ConnectionEvent): void {
    const { system } = this.#ground.env
    // The peer may have ended meanwhile, and its session with it.
    if (system.has(addressOf(nodeId))) system.send(addressOf(nodeId), event)
  }

  #begin(nodeId: string): boolean {
    const state = this.#views.get(nodeId)?.state
    const isDue = this.#mayDial && (state === 'idle' || state === 'backoff')
    if (isDue) this.#tell(nodeId, { type: 'connection.dial' })
    return isDue
  }

  #awaitTurn(nodeId: string): void {
    if (this.#isEager || this.#needed.has(nodeId)) this.#turns.await(nodeId)
    else this.#tell(nodeId, { type: 'connection.rest' })
  }

  #spawn({ nodeId: peer, generation }: Target): void {
    const { env, nodeId } = this.#ground
    const { system, random, clock, timings } = env
    const { dialTimeoutMs, redialMinMs, redialMaxMs, leaveDeadlineMs: drainTimeoutMs } = timings
    const actor = system.spawn(this.#logic, {
      id: addressOf(peer),
      input: {
        ...{ nodeId, peer, generation, seed: random.id(), chance: random.next() },
        ...{ dialTimeoutMs, drainTimeoutMs, redialMinMs, redialMaxMs },
      },
    })
    const note = (snapshot: ConnectionSnapshot): void => {
      this.#views.set(peer, viewAfter(this.#views.get(peer), snapshot, clock.now()))
    }
    note(actor.getSnapshot())
    actor.subscribe((snapshot) => {
      const known = this.#views.get(peer)
      // What has been dropped here tells once more that it ends.
      if (known === undefined || known.context.seed !== snapshot.context.seed) return
      note(snapshot)
      if (known.state !== snapshot.value) this.#moved({ nodeId: peer, generation }, snapshot)
    })
  }

  #moved(peer: Target, { value: state, context }: ConnectionSnapshot): void {
    const { nodeId } = peer
    this.#turns.note(nodeId, state === 'dialing' || state === 'handshaking')
    if (state === 'open' || state === 'closed') this.#needed.delete(nodeId)
    if (state === 'closed' && context.reason === 'incompatible') this.#handshake.tell(peer, context.lastError)
    this.#changed(nodeId)
  }

  /** Called from within the charts of peers and sessions: a listener that throws is noticed and harms none of them (N12). */
  #changed(nodeId: string): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(nodeId)
      } catch (error) {
        this.#ground.env.notice({ kind: 'defect', what: 'a listener to sessions threw', error })
      }
    }
  }

  #forget(nodeId: string): void {
    this.#ground.env.system.stop(addressOf(nodeId))
    this.#drop(nodeId)
  }

  #drop(nodeId: string): void {
    if (!this.#views.delete(nodeId)) return
    this.#needed.delete(nodeId)
    this.#turns.forget(nodeId)
    this.#changed(nodeId)
  }
}
