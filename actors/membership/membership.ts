import type { NodeOutput, nodeMachine } from '@covey/machines'
import type { Contact, CoveyError, GoodbyeReason, Role } from '@covey/protocol'
import type { SnapshotFrom } from 'xstate'
import type { BrokerLinks } from '../connection/broker-links.js'
import type { Sessions } from '../connection/sessions.js'
import type { NodePart, Self } from '../environment.js'
import type { MemberState, Members } from './members.js'

/** The state of this process as a member (`node.machine.ts`). */
export type NodeState = SnapshotFrom<typeof nodeMachine>['value']

/** What a node is and does. */
export interface MembershipOptions {
  readonly nodeId: string
  readonly roles: readonly Role[]
  readonly slots: number
  readonly host: string
  readonly pid: number
  readonly version: string
  /** Wall-clock text of the start, for people only. */
  readonly since: string
  /** Where it can be reached beside the broker. */
  readonly contacts?: readonly Contact[]
  /** What it offers to workflows that require it, as a worker: `gpu`, `region=eu`. */
  readonly labels?: readonly string[]
  /** Take the name over although a live process answers to it (K15). */
  readonly replace?: boolean
  /** Join although most of those who take part have other settings (S3). */
  readonly otherSettings?: boolean
  readonly parts: readonly NodePart[]
  /** Whether this node may write that others have departed. */
  readonly manager: boolean
}

/** How a node's part in the cluster ended; `closed` is without a goodbye. */
export interface MembershipEnd {
  readonly state: 'departed' | 'failed'
  readonly reason: NodeOutput['reason'] | 'closed'
  /** Why, unless it left or was closed on purpose. */
  readonly error?: CoveyError
}

/** One process as a member of its cluster, from its start to its end. */
export interface Membership {
  readonly members: Members
  /** The connections of this node to its peers, and to the broker. */
  readonly sessions: Sessions
  readonly links: BrokerLinks
  /** How little this node trusts itself, from 0 to 7 (P6). */
  readonly localHealth: number
  /**
   * Resolves when the first generation is active; rejects before `readyDeadlineMs` with a `CoveyError` otherwise (N6).
   * A node that is late gives up, and gives back what it has claimed.
   */
  readonly ready: Promise<Self>
  /** The random id of this run: all its generations have it (K12). */
  readonly bootId: string
  /** The address of the node's own actor. */
  readonly address: string
  state(): NodeState
  /** Says goodbye; resolves when the node has departed, within `leaveDeadlineMs` whatever others do. */
  leave(reason: GoodbyeReason): Promise<void>
  /** Resolves at the end, when nothing of the node is left. Never rejects. */
  readonly closed: Promise<MembershipEnd>
  /** Ends at once, without a goodbye; leaves no actor, timer or subscription. */
  close(): Promise<void>
}

/** How a node's own state reads to others. */
export const asMemberState: Readonly<Record<NodeState, MemberState>> = {
  idle: 'joining',
  dialing: 'joining',
  joining: 'joining',
  active: 'active',
  leaving: 'leaving',
  fenced: 'fenced',
  reentering: 'reentering',
  departed: 'departed',
  failed: 'departed',
}
