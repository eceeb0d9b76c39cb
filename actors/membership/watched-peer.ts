import type { PeerContext, peerMachine } from '@covey/machines'
import { limits } from '@covey/protocol'
import type { ActorRefFrom, SnapshotFrom } from 'xstate'
import type { Member } from './members.js'
import type { Target } from './probe.js'

type PeerActor = ActorRefFrom<typeof peerMachine>
type PeerSnapshot = SnapshotFrom<typeof peerMachine>

/** A peer as its actor has it, whenever it is looked at. */
export interface PeerView extends Target {
  readonly state: PeerSnapshot['value']
  readonly peer: PeerContext
  /** When this generation last answered a probe of ours, and last gave any sign of life. */
  readonly answeredAtMs: number
  readonly heardAtMs: number
  /** Other observers who suspect it now. */
  readonly votes: number
}

const asMember = ({ state, peer }: Pick<PeerView, 'state' | 'peer'>): Member => ({
  nodeId: peer.nodeId,
  generation: peer.generation,
  state,
  roles: peer.roles,
  slots: peer.slots,
  host: peer.host,
  pid: peer.pid,
  since: peer.since,
  labels: peer.labels,
  ...(peer.busy ? { busy: true } : {}),
  ...(peer.offline ? { offline: true } : {}),
})

/** Whether a peer is as others were told of it last. */
const isTold = (
  member: Member | undefined,
  { state, peer }: Pick<PeerView, 'state' | 'peer'>,
): member is Member =>
  member?.generation === peer.generation &&
  member.state === state &&
  (member.busy ?? false) === peer.busy &&
  (member.offline ?? false) === peer.offline

/** Whoever is told what becomes of a peer. */
export interface PeerWatcher {
  /** Its actor has a new snapshot. */
  moved(peer: Peer): void
  failed(peer: Peer): void
  ended(peer: Peer): void
}

/** One peer, read off its actor, which it observes itself: there are many, and each closure of one counts. */
export class Peer implements PeerView {
  readonly actor: PeerActor
  readonly nodeId: string
  readonly #watcher: PeerWatcher
  /** As others were told of it last. */
  shown: Member | undefined
  #member: Member | undefined
  /** What its watcher was told of last: as good as always that is all there is to know of it. */
  #told: Member | undefined
  /** The generation that answered last, and when. */
  #answered = 0
  #answeredAtMs = Number.NEGATIVE_INFINITY
  #votes = 0
  #phase = ''
  #incarnation = 0
  #isSilent = false

  constructor(actor: PeerActor, nodeId: string, watcher: PeerWatcher) {
    this.actor = actor
    this.nodeId = nodeId
    this.#watcher = watcher
  }

  next(): void {
    if (this.#takeNews()) this.#watcher.moved(this)
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

  get generation(): number {
    return this.#told?.generation ?? 0
  }

  get answeredAtMs(): number {
    return this.peer.generation === this.#answered ? this.#answeredAtMs : Number.NEGATIVE_INFINITY
  }

  get heardAtMs(): number {
    return Math.max(this.peer.heardAtMs, this.answeredAtMs)
  }

  get votes(): number {
    return this.peer.votes === 0 ? 0 : this.#votes
  }

  /** So many suspect it now; its actor is told of fewer, where more decide nothing. */
  takeVotes(votes: number): void {
    this.#votes = votes
  }

  /**
   * A generation has answered; whether its actor has anything to decide by that. Of one that takes part it knows already
   * that it lives: as good as every probe of a cluster that is well is no event, but a time.
   */
  takeAnswer(generation: number, atMs: number, lagMs: number): boolean {
    const told = this.#told
    if (told?.generation !== generation) return true
    this.#answered = generation
    this.#answeredAtMs = atMs
    const isExpected = !this.#isSilent && (told.state === 'active' || told.state === 'leaving')
    return !isExpected || (told.busy ?? false) !== lagMs >= limits.busyLagMsMin
  }

  /** Whether anything but times and votes is not as it was at the last call. */
  #takeNews(): boolean {
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
