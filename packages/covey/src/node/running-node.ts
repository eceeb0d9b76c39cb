import type { Member, MembershipEnd, NodeState } from '@covey/actors'
import type { GoodbyeReason } from '@covey/protocol'
import type { Observable } from 'rxjs'
import type { Channel } from '../channel/define-channel.js'
import type { ReceivedMessage } from '../channel/node-channels.js'
import type { DeadlineOptions } from '../client/client-contract.js'
import type { ActorKind, TransitionFilter, TransitionOf } from '../transitions/typed-transition.js'

/** A node of a cluster in this process. */
export interface RunningNode {
  readonly name: string
  /** The random id of this run, which the facts of all its generations carry; another one after `rejoin()`. */
  readonly bootId: string
  /** Where its metrics are served, where they are: beside them are `/live`, `/ready`, `/startup` and `/debug/connections`. */
  readonly metricsUrl: string | undefined
  /** A state of `node.machine.ts`. */
  readonly state: NodeState
  /**
   * Resolves when the node takes part; rejects with a typed error before the ready deadline (N6), and then the node closes:
   * `closed` tells when nothing of it is left.
   */
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
  /**
   * Reads a channel, in all generations of this node, until the function that it returns is called. Messages of one node come
   * one after another, in order and at most once: the next when what the handler returned has settled. A handler that
   * throws lets the send reject. Throws `invalid_id`, `invalid_options` for a name that is Covey's or read here already.
   */
  channel<Message = unknown>(
    channel: string | Channel<never, Message>,
    handler: (received: ReceivedMessage<Message>) => unknown,
  ): () => void
  /**
   * Sends a message to the handler of a channel on a node, at most once, after those sent before it there. Resolves when the
   * handler has dealt with it: awaiting it is the back-pressure. Rejects `overloaded` where too many wait already, `deadline`
   * (30 s unless told otherwise) and `unreachable` (both: it may have been handled), `not_found` where nobody reads the
   * channel, `incompatible`, `invalid_input`, `handler_failed`, `too_large`.
   */
  send<Given>(
    to: string,
    channel: string | Channel<Given, unknown>,
    message: Given,
    options?: DeadlineOptions,
  ): Promise<void>
  /**
   * Says goodbye and hands work back or finishes it. Resolves when the node has departed. Default `graceful_shutdown`.
   * Rejects `invalid_options` for a reason that there is not: nobody could read that it left.
   */
  leave(reason?: GoodbyeReason): Promise<void>
  /**
   * Comes back after a departure, as a new generation of a node that was ready once. Resolves as `ready` does; rejects
   * `name_in_use` while it takes part, and `closed` after `close()`, or once its first run has failed.
   */
  rejoin(): Promise<void>
  /** Ends at once, without a goodbye; nothing of the node is left. */
  close(): Promise<void>
}
