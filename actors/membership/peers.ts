import { type PeerEvent, type peerMachine, ViewDigest, voicesWanted } from '@covey/machines'
import { limits } from '@covey/protocol'
import type { Environment } from '../environment.js'
import type { Member } from './members.js'
import type { Target } from './probe.js'
import { ProbedPeers } from './probed-peers.js'
import { liveRecord } from './records.js'
import { Peer, type PeerView, type PeerWatcher } from './watched-peer.js'

/** The address of the actor that stands for a node here. */
const peerAddress = (nodeId: string): string => `peer.${nodeId}`

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
    if (this.#isClosed) return
    if (!this.#peers.has(nodeId)) {
      const room = this.#roomFor(nodeId, event)
      if (room === 'none') return
      this.#begin(nodeId)
      // Its joined fact may have found no room: all its facts are looked at (O2).
      if (room === 'made' && event.type === 'active.heard') this.#send(nodeId, { type: 'rumour.heard' })
    }
    this.#send(nodeId, event)
  }

  /** Tells a peer that it has answered a probe of ours, with how late its event loop was. */
  tellAnswered({ nodeId, generation }: Target, lagMs: number): void {
    const atMs = this.#env.clock.now()
    const peer = this.#peers.get(nodeId)
    if (peer?.generation !== generation || !peer.takeAnswer(generation, atMs, lagMs)) return
    this.tell(nodeId, { type: 'probe.answered', generation, atMs, lagMs })
  }

  /**
   * Tells a peer how many others suspect it now. Where nobody proposes its departure it matters only whether anybody does,
   * and more than are waited for are as many: a suspicion is heard of from many at once.
   */
  tellVotes({ nodeId, generation }: Target, count: number, members: number): void {
    const peer = this.#peers.get(nodeId)
    const votes = Math.min(count, this.#isManager ? voicesWanted : 1)
    peer?.takeVotes(count)
    if (peer?.peer.votes === votes) return
    this.tell(nodeId, { type: 'votes.counted', generation, votes, atMs: this.#env.clock.now(), members })
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

  #send(nodeId: string, event: PeerEvent): void {
    this.#env.system.send(this.#peers.get(nodeId)?.actor.id ?? peerAddress(nodeId), event)
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

  /**
   * Whether there is room for one more: where as many are followed as may take part, that of one that has departed. Of those
   * that join beyond that, and are refused (S3), some are followed too; for whom there is no room then, there may be once it
   * is active.
   */
  #roomFor(nodeId: string, { type }: PeerEvent): 'there' | 'made' | 'none' {
    const { membersMax, joinersFollowedMax } = limits
    const { size } = this.#peers
    if (size < membersMax) return 'there'
    const isPresent = type === 'joined.heard' || type === 'active.heard'
    // Who is only spoken of gets nobody's room: there may be no such node, and who departed would be told of twice.
    if (!isPresent && type !== 'departed.heard') return 'none'
    if (this.#forgetDeparted()) return 'made'
    if (isPresent && size < membersMax + joinersFollowedMax) return 'there'
    if (type === 'active.heard')
      this.#env.notice({ kind: 'defect', what: `${nodeId} is one member more than ${size}: not followed` })
    return 'none'
  }

  #begin(nodeId: string): void {
    const { system, timings } = this.#env
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
  }

  #moved(peer: Peer): void {
    const { nodeId } = peer
    this.probed.note(nodeId, peer)
    this.digest.note(nodeId, liveRecord(peer))
    const { member } = peer
    if (member === peer.shown) return
    peer.shown = member
    // Of whom no fact has spoken nobody is told, neither that he is there nor that he is forgotten.
    if (member.generation > 0) this.#onChange(member)
  }
}
