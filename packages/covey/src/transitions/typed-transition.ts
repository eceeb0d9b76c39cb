import type {
  attemptMachine,
  breakerMachine,
  connectionMachine,
  jobMachine,
  leadershipMachine,
  managerMachine,
  nodeMachine,
  overloadMachine,
  peerMachine,
  workerMachine,
  workflowMachine,
} from '@covey/machines'
import type { LogEvent, Place, Transition } from '@covey/protocol'
import type { AnyStateMachine, EventFrom, SnapshotFrom } from 'xstate'

/** The machines of a cluster by the kind of their actors: what a transition can say comes from them. */
interface Machines {
  readonly attempt: typeof attemptMachine
  readonly breaker: typeof breakerMachine
  readonly connection: typeof connectionMachine
  readonly job: typeof jobMachine
  readonly leadership: typeof leadershipMachine
  readonly manager: typeof managerMachine
  readonly node: typeof nodeMachine
  readonly overload: typeof overloadMachine
  readonly peer: typeof peerMachine
  readonly worker: typeof workerMachine
  readonly workflow: typeof workflowMachine
}

/** The machine of an actor: `peer`, `worker`, `workflow` and so on. */
export type ActorKind = keyof Machines

/** Kinds whose charts are folded from a shard's log, at whose places they stand. */
type FoldedKind = 'job' | 'workflow'

/** A state value as one word: `a`, nested `a.b`. */
type StateText<Value> = Value extends string
  ? Value
  : { [Key in keyof Value & string]: `${Key}.${StateText<Value[Key]>}` }[keyof Value & string]

type ValueOf<Machine extends AnyStateMachine> = SnapshotFrom<Machine>['value']

/** The states of an actor's machine, as its transitions name them. */
export type StateOf<Kind extends ActorKind> = StateText<ValueOf<Machines[Kind]>>

/** What moves every actor beside the events of its machine: its timers, its birth and its end. */
type LifeEvent = `xstate.after.${string}` | 'xstate.init' | 'xstate.stop' | 'xstate.done' | 'xstate.error'

/** The types of the events that move an actor; a folded chart begins with an event of its log. */
export type EventOf<Kind extends ActorKind> =
  | EventFrom<Machines[Kind]>['type']
  | (Kind extends FoldedKind ? LogEvent['type'] | `xstate.after.${string}` : LifeEvent)

/** A transition of an actor of one kind. */
interface TypedTransition<Kind extends ActorKind> extends Transition {
  readonly kind: Kind
  /** Empty where the actor began, or where this is the first that is told of it. */
  readonly from: StateOf<Kind> | ''
  /** Empty where the state is told, and not what led to it. */
  readonly event: EventOf<Kind> | ''
  /** Empty where the actor ended; of a job or workflow, where the cluster keeps it no more. */
  readonly to: StateOf<Kind> | ''
  readonly at: Kind extends FoldedKind ? Extract<Place, { shard: number }> : Extract<Place, { local: number }>
}

/**
 * A transition of actors of some kinds, a union that `kind` tells apart: its states and events are those of the machine
 * of this version. A kind that is known only when the program runs gives a `Transition`, whose states are texts.
 */
export type TransitionOf<Kind extends string> = Kind extends ActorKind ? TypedTransition<Kind> : Transition

/** Which transitions are wanted; what is missing means all. */
export interface TransitionFilter<Kind extends string = string> {
  /** A glob over addresses of actors: `peer.*`. */
  readonly actor?: string
  /** The machine, or several of them. */
  readonly kind?: Kind | readonly Kind[]
  /** The node on which the actor lives. */
  readonly node?: string
}
