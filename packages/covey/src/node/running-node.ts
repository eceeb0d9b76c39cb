import type { Member, MembershipEnd, NodeState } from '@covey/actors'
import type { GoodbyeReason } from '@covey/protocol'
import type { Observable } from 'rxjs'
import type { ActorKind, TransitionFilter, TransitionOf } from '../transitions/typed-transition.js'

/** A node of a cluster in this process. */
export interface RunningNode {
  readonly name: string
  /** The random id of this run, which the facts of all its generations carry; another one after `rejoin()`. */
  readonly bootId: string
  /** Where its metrics are served, where they are: beside them are `/live`, `/ready` and `/startup`. */
  readonly metricsUrl: string | undefined
  /** A state of `node.machine.ts`. */
  readonly state: NodeState
  /** Resolves when the node takes part; rejects with a typed error before the ready deadline (N6). */
  readonly ready: Promise<void>
  /** Resolves with how its part in the cluster ended; never rejects. */
  readonly closed: Promise<MembershipEnd>
  /** All nodes as this one sees them: the list now, then again after each turn that changed it. */
  readonly members$: Observable<readonly Member[]>
  /**
   * Transitions of the actors of this node: first the state of each (`from` and `event` are empty), then what follows;
   * typed by the machine that `kind` names. Completes when the node is closed.
   */
  transitions<const Kind extends string = ActorKind>(
    filter?: Omit<TransitionFilter<Kind>, 'node'>,
  ): Observable<TransitionOf<Kind>>
  /** The shards that this node leads now. */
  leads(): readonly number[]
  /** Says goodbye and hands work back or finishes it. Resolves when the node has departed. Default `graceful_shutdown`. */
  leave(reason?: GoodbyeReason): Promise<void>
  /** Comes back after a departure, as a new generation. Resolves as `ready` does; rejects `name_in_use` while it takes part. */
  rejoin(): Promise<void>
  /** Ends at once, without a goodbye; nothing of the node is left. */
  close(): Promise<void>
}
