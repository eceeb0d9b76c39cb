import type { ActorRefFromLogic, AnyActorLogic, EventObject, InputFrom, Snapshot } from 'xstate'
import type { Supervision } from './addressed-actor.js'
import type { EngineClock } from './engine-clock.js'
import type { EngineLimits } from './engine-limits.js'
import type { PendingTimer } from './own-timers.js'

/** An event that reached no actor, and why. */
export interface DeadLetter {
  readonly address: string
  readonly event: EventObject
  /**
   * `unknown`: nobody lives under the address. `stopped`: that incarnation has ended. `restarting`: the actor
   * failed and waits for its restart. `overflow`: the queue is at `pendingEventsMax`.
   */
  readonly reason: 'unknown' | 'stopped' | 'restarting' | 'overflow'
}

/** An actor that threw, and what its supervision does about it. */
export interface ActorFailure {
  readonly address: string
  readonly error: unknown
  /** Milliseconds until it is started again; undefined where this was its end. */
  readonly restartDelayMs: number | undefined
}

/** A change of an actor's state, as a person sees it. `from` is empty at its birth, `to` at its end. */
export interface ActorTransition {
  readonly actor: string
  /** Id of the chart. */
  readonly kind: string
  readonly from: string
  /** `xstate.init` at birth; `xstate.stop`, `xstate.done` or `xstate.error` at the end. */
  readonly event: string
  readonly to: string
  /** How long the actor was in `from`, as far as it was watched. */
  readonly elapsedMs: number
}

/** Hears of transitions. */
export interface TransitionTap {
  (transition: ActorTransition): void
  /** The charts that it hears of, by their names; what no tap names costs nothing. Missing: all. */
  readonly kinds?: ReadonlySet<string> | undefined
}

export interface ActorSystemOptions {
  /** Name of this process; the ids of all sessions start with it. */
  readonly node: string
  readonly clock: EngineClock
  readonly onDeadLetter?: (letter: DeadLetter) => void
  /** Hears of every failure. Where it is missing, the error is thrown in a turn of its own, so none is lost. */
  readonly onActorError?: (failure: ActorFailure) => void
  readonly onTransition?: TransitionTap
  readonly limits?: Partial<EngineLimits>
}

export interface SpawnOptions<TLogic extends AnyActorLogic> {
  /** The address; free again once the actor has ended. */
  readonly id: string
  readonly input?: InputFrom<TLogic>
  /** Default `stop`. */
  readonly supervision?: Supervision
}

export interface RestoreOptions {
  readonly id: string
  /** What `getPersistedSnapshot()` of the actor gave. */
  readonly snapshot: Snapshot<unknown>
  /** What `timersOf` gave; due times are kept, what is past due fires at the clock's next turn. */
  readonly timers: readonly PendingTimer[]
}

/**
 * Stock XState actors under one clock, one namespace of addresses and one queue.
 *
 * 1. Every event of the system passes one first-in-first-out queue: no recursion, one order, run to completion.
 * 2. An address is resolved when the event is delivered, not when it is sent.
 * 3. No event is lost silently: it is processed or it is a dead letter.
 * 4. An actor that throws ends or restarts alone.
 * 5. Starting, stopping and timers cost the same whatever else lives here.
 */
export interface ActorSystem {
  readonly node: string
  /** Events that reached no actor so far. */
  readonly deadLetters: number
  /** Watches the addressed actors; may be set and taken away at any time, and costs nothing while undefined. */
  tap: TransitionTap | undefined
  /**
   * Starts an actor under an address. Hold the address rather than the answer, which is one incarnation.
   * @throws where the address is taken or `actorsMax` is reached
   */
  spawn<TLogic extends AnyActorLogic>(logic: TLogic, options: SpawnOptions<TLogic>): ActorRefFromLogic<TLogic>
  /**
   * Takes an actor up where it was left: entry actions are not run again, delayed events keep their due times.
   * Should it fail, it ends: there is no input to start it anew from.
   * @throws where the address is taken or `actorsMax` is reached
   */
  restore<TLogic extends AnyActorLogic>(logic: TLogic, options: RestoreOptions): ActorRefFromLogic<TLogic>
  /** Queues an event for whoever lives under the address at its turn. */
  send<TEvent extends EventObject>(address: string, event: TEvent): void
  /** The present snapshot of a living actor. */
  snapshot(address: string): Snapshot<unknown> | undefined
  /** Whether the address is taken, be it by an actor that waits for its restart. */
  has(address: string): boolean
  addresses(): string[]
  /** The delayed events of an actor, to be kept beside its snapshot. Delayed sends to others are not among them. */
  timersOf(address: string): PendingTimer[]
  /** Ends an actor at once (after its present event, if it is the one that asks); answers whether there was one. */
  stop(address: string): boolean
  /** Ends all actors and leaves no timer. */
  stopAll(): void
}
