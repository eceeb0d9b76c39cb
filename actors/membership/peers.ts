import type {
  ConnectionContext,
  ConnectionEvent,
  connectionMachine,
  PeerContext,
  PeerEvent,
  peerMachine,
} from '@covey/machines'
import { limits } from '@covey/protocol'
import type { AnyActorLogic, SnapshotFrom } from 'xstate'
import type { Environment } from '../environment.js'
import type { Member } from './members.js'
import { ProbedPeers } from './probed-peers.js'

type PeerSnapshot = SnapshotFrom<typeof peerMachine>
type ConnectionSnapshot = SnapshotFrom<typeof connectionMachine>

/** A peer as its actor has it now. */
export interface PeerView {
  readonly state: PeerSnapshot['value']
  readonly peer: PeerContext
}

/** The address of the actor that stands for a node here. */
const peerAddress = (nodeId: string): string => `peer.${nodeId}`
/** The address of the session with a node. */
export const connectionAddress = (nodeId: string): string => `connection.${nodeId}`

const asMember = ({ state, peer }: PeerView): Member => ({
  nodeId: peer.nodeId,
  generation: peer.generation,
  state,
  roles: peer.roles,
  slots: peer.slots,
  host: peer.host,
  pid: peer.pid,
  since: peer.since,
})

const isSame = (one: Member | undefined, other: Member): boolean =>
  one !== undefined && one.generation === other.generation && one.state === other.state

/** The peer actors of one node: the only place that knows their addresses, and nothing but their names. */
export class Peers {
  /** Those of them that take part. */
  readonly probed: ProbedPeers
  readonly #env: Environment
  readonly #logic: AnyActorLogic
  readonly #isManager: boolean
  readonly #onChange: (member: Member) => void
  readonly #names = new Set<string>()

  constructor(
    env: Environment,
    logic: AnyActorLogic,
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
    if (!this.#names.has(nodeId) && !this.#begin(nodeId)) return
    this.#env.system.send(peerAddress(nodeId), event)
  }

  /** Tells the session with a peer, if there is one; answers whether there was. */
  tellConnection(nodeId: string, event: ConnectionEvent): boolean {
    const address = connectionAddress(nodeId)
    if (!this.#env.system.has(address)) return false
    this.#env.system.send(address, event)
    return true
  }

  /** Tells all sessions. */
  tellConnections(event: ConnectionEvent): void {
    for (const nodeId of this.#names) this.tellConnection(nodeId, event)
  }

  /** What the session with a peer knows, if there is one. */
  connection(nodeId: string): ConnectionContext | undefined {
    const snapshot = this.#env.system.snapshot(connectionAddress(nodeId)) as ConnectionSnapshot | undefined
    return snapshot?.context
  }

  view(nodeId: string): PeerView | undefined {
    const snapshot = this.#env.system.snapshot(peerAddress(nodeId)) as PeerSnapshot | undefined
    return snapshot && { state: snapshot.value, peer: snapshot.context }
  }

  views(): PeerView[] {
    return [...this.#names].flatMap((nodeId) => this.view(nodeId) ?? [])
  }

  member(nodeId: string): Member | undefined {
    const view = this.view(nodeId)
    return view && asMember(view)
  }

  members(): Member[] {
    return this.views().map(asMember)
  }

  /** Ends all peer actors and their sessions. */
  close(): void {
    for (const nodeId of [...this.#names]) {
      this.#env.system.stop(peerAddress(nodeId))
      this.#env.system.stop(connectionAddress(nodeId))
    }
    this.#names.clear()
    this.probed.clear()
  }

  /** Gives the room of the peer away that departed first; false where nobody has. */
  #forgetDeparted(): boolean {
    for (const nodeId of this.#names) {
      if (this.view(nodeId)?.state !== 'departed') continue
      this.#env.system.stop(peerAddress(nodeId))
      this.#env.system.stop(connectionAddress(nodeId))
      this.#names.delete(nodeId)
      return true
    }
    return false
  }

  #begin(nodeId: string): boolean {
    const { system, timings, notice } = this.#env
    if (this.#names.size >= limits.membersMax && !this.#forgetDeparted()) {
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
    this.#names.add(nodeId)
    const actor = system.spawn(this.#logic, { id: peerAddress(nodeId), input })
    let shown: Member | undefined
    actor.subscribe({
      next: () => {
        this.probed.note(nodeId, this.view(nodeId))
        const member = this.member(nodeId)
        if (member === undefined || member.state === 'unverified' || isSame(shown, member)) return
        shown = member
        this.#onChange(member)
      },
      complete: () => {
        this.#names.delete(nodeId)
        this.probed.note(nodeId, undefined)
      },
    })
    return true
  }
}
