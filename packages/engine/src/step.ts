import type { AnyStateMachine, EventFromLogic, EventObject, SnapshotFrom, StateMachine } from 'xstate'

/** An effect a step asks for, as data: a named action with its params. */
export type EffectFrom<TMachine extends AnyStateMachine> =
  TMachine extends StateMachine<
    infer _Context,
    infer _Event,
    infer _Children,
    infer _Actor,
    infer TAction,
    infer _Guard,
    infer _Delay,
    infer _Value,
    infer _Tag,
    infer _Input,
    infer _Output,
    infer _Emitted,
    infer _Meta,
    infer _Schema,
    infer _TransitionMeta
  >
    ? Effect<TAction>
    : never

type Effect<TAction> = TAction extends { type: infer TType extends string; params: infer TParams }
  ? { readonly type: TType; readonly params: TParams }
  : never

/** The event of an `after` or a delayed raise, to be given back to `step` when it is due. */
export type TimerEvent = { readonly type: `xstate.after.${string}` }

/** A delayed event the chart asks for. The host adds the delay to its own time and records the due time (K16). */
export interface ArmedTimer<TEvent extends EventObject = EventObject> {
  readonly id: string
  readonly event: TEvent
  readonly delayMs: number
}

/** What one event did to a folded chart. The host forgets `cancelled` first and records `armed` then. */
export interface Step<TMachine extends AnyStateMachine> {
  readonly snapshot: SnapshotFrom<TMachine>
  readonly effects: readonly EffectFrom<TMachine>[]
  readonly armed: readonly ArmedTimer<EventFromLogic<TMachine> | TimerEvent>[]
  /** Ids of timers that mean nothing from now on; some may never have been armed. */
  readonly cancelled: readonly string[]
  /** Whether `snapshot` is another one than was given; it is not where the chart has no transition for the event. */
  readonly changed: boolean
}
