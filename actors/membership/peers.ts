import { type PeerContext, type PeerEvent, type peerMachine, ViewDigest } from '@covey/machines'
import { limits } from '@covey/protocol'
import type { ActorRefFrom, SnapshotFrom } from 'xstate'
import type { Environment } from '../environment.js'
import type { Member } from './members.js'
import { ProbedPeers } from './probed-peers.js'
import { liveRecord } from './records.js'

type PeerActor = ActorRefFrom<typeof peerMachine>
type PeerSnapshot = SnapshotFrom<typeof peerMachine>

/** A peer as its actor has it, whenever it is looked at. */
export interface PeerView {
  readonly state: PeerSnapshot['value']
  readonly peer: PeerContext
}

/** The address of the actor that stands for a node here. */
const peerAddress = (nodeId: string): string => `peer.${nodeId}`

const asMember = ({ state, peer }: PeerView): Member => ({
  nodeId: peer.nodeId,
  generation: peer.generation,
  state,
  roles: peer.roles,
  slots: peer.slots,
  host: peer.host,
  pid: peer.pid,
  since: peer.since,
  ...(peer.busy ? { busy: true } : {}),
})

/** Whether a peer is as others were told of it last. */
const isTold = (member: Member | undefined, { state, peer }: PeerView): member is Member =>
  member?.generation === peer.generation && member.state === state && (member.busy ?? false) === peer.busy

/** Whoever is told what becomes of a peer. */
interface PeerWatcher {
  /** Its actor has a new snapshot. */
  moved(peer: Peer): void
  failed(peer: Peer): void
  ended(peer: Peer): void
}

/** One peer, read off its actor, which it observes itself: there are many, and each closure of one counts. */
class Peer implements PeerView {
  readonly actor: PeerActor
  readonly nodeId: string
  readonly #watcher: PeerWatcher
  /** As others were told of it last. */
  shown: Member | undefined
  #member: Member | undefined
  /** What it was when somebody last asked whether there is news. */
  #told: Member | undefined
  #phase = ''
  #incarnation = 0
  #isSilent = false

  constructor(actor: PeerActor, nodeId: string, watcher: PeerWatcher) {
    this.actor = actor
    this.nodeId = nodeId
    this.#watcher = watcher
  }

  next(): void {
    this.#watcher.moved(this)
  }

  error(): void {
    this.#watcher.failed(this)
  }

  complete(): void {
    this.#watcher.ended(this)
  }

  get state(): PeerSnapshot['value'] {
    return this.actor.getSnapshot().value
  }

  get peer(): PeerContext {
    return this.actor.getSnapshot().context
  }

  /** Whether anything but times and votes is not as it was at the last call: most of its answers change nothing else. */
  takeNews(): boolean {
    const { phase, incarnation, silentSinceMs } = this.peer
    const isSilent = silentSinceMs !== null
    const { member } = this
    const isSame =
      this.#told === member &&
      this.#phase === phase &&
      this.#incarnation === incarnation &&
      this.#isSilent === isSilent
    this.#told = member
    this.#phase = phase
    this.#incarnation = incarnation
    this.#isSilent = isSilent
    return !isSame
  }

  get member(): Member {
    if (!isTold(this.#member, this)) this.#member = asMember(this)
    return this.#member
  }
}

/**
 * The peer actors of one node: the only place that knows their addresses. Of many peers little is looked at: the list of
 * them is kept until one comes or goes, and those that take part are kept apart.
 */
export class Peers {
  /** Those that take part. */
  readonly probed: ProbedPeers
  /** What this node knows of them, to be compared with what others know. */
  readonly digest = new ViewDigest()
  readonly #env: Environment
  readonly #logic: typeof peerMachine
  readonly #isManager: boolean
  readonly #onChange: (member: Member) => void
  /** `undefined` where the actor has thrown: the name has no actor for as long as this node runs. */
  readonly #peers = new Map<string, Peer | undefined>()
  readonly #watcher: PeerWatcher = {
    moved: (peer) => this.#moved(peer),
    failed: ({ nodeId }) => {
      this.#drop(nodeId)
      this.#peers.set(nodeId, undefined)
    },
    ended: ({ nodeId }) => this.#drop(nodeId),
  }
  #views: readonly Peer[] | undefined
  #isClosed = false

  constructor(
    env: Environment,
    logic: typeof peerMachine,
    isManager: boolean,
    onChange: (member: Member) => void,
  ) {
    this.probed = new ProbedPeers(() => env.random.next())
    this.#env = env
    this.#logic = logic
    this.#isManager = isManager
    this.#onChange = onChange
  }

  /** Tells a peer of an event; where no actor stands for it yet, one is begun. */
  tell(nodeId: string, event: PeerEvent): void {
    if (this.#isClosed || (!this.#peers.has(nodeId) && !this.#begin(nodeId))) return
    this.#env.system.send(this.#peers.get(nodeId)?.actor.id ?? peerAddress(nodeId), event)
  }

  view(nodeId: string): PeerView | undefined {
    return this.#peers.get(nodeId)
  }

  /** All peers. */
  views(): readonly PeerView[] {
    return this.#all()
  }

  member(nodeId: string): Member | undefined {
    return this.#peers.get(nodeId)?.member
  }

  members(): Member[] {
    return this.#all().map(({ member }) => member)
  }

  /** Ends all peer actors. */
  close(): void {
    // What was asked before may be answered after.
    this.#isClosed = true
    for (const nodeId of [...this.#peers.keys()]) this.#end(nodeId)
  }

  #all(): readonly Peer[] {
    this.#views ??= [...this.#peers.values()].filter((peer) => peer !== undefined)
    return this.#views
  }

  #end(nodeId: string): void {
    this.#env.system.stop(peerAddress(nodeId))
    this.#drop(nodeId)
  }

  #drop(nodeId: string): void {
    this.#peers.delete(nodeId)
    this.#views = undefined
    this.probed.note(nodeId, undefined)
    this.digest.note(nodeId, undefined)
  }

  /** Gives the room of the peer away that departed first; false where nobody has. */
  #forgetDeparted(): boolean {
    for (const [nodeId, peer] of this.#peers) {
      if (peer?.state !== 'departed') continue
      this.#end(nodeId)
      return true
    }
    return false
  }

  #begin(nodeId: string): boolean {
    const { system, timings, notice } = this.#env
    if (this.#peers.size >= limits.membersMax && !this.#forgetDeparted()) {
      notice({ kind: 'defect', what: `${nodeId} is one member more than ${limits.membersMax}: not followed` })
      return false
    }
    const { departedKeptMs, unverifiedKeptMs } = limits
    const { probeIntervalMs, joinDeadlineMs, leaveDeadlineMs } = timings
    // Whoever has not joined by then has failed, and has had the time to write so.
    const joinPatienceMs = joinDeadlineMs + leaveDeadlineMs
    const input = {
      nodeId,
      isManager: this.#isManager,
      probeIntervalMs,
      joinPatienceMs,
      departedKeptMs,
      unverifiedKeptMs,
    }
    const actor = system.spawn(this.#logic, { id: peerAddress(nodeId), input })
    const peer = new Peer(actor, nodeId, this.#watcher)
    this.#peers.set(nodeId, peer)
    this.#views = undefined
    actor.subscribe(peer)
    return true
  }

  #moved(peer: Peer): void {
    if (!peer.takeNews()) return
    const { nodeId } = peer
    this.probed.note(nodeId, peer)
    this.digest.note(nodeId, liveRecord(peer))
    const { member } = peer
    if (member === peer.shown) return
    peer.shown = member
    if (member.state !== 'unverified') this.#onChange(member)
  }
}
