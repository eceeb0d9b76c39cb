import type {
  AnyActorRef,
  AnyActorScope,
  AnyMachineSnapshot,
  AnyStateMachine,
  EventObject,
  UnknownAction,
} from 'xstate'

/**
 * Everything the engine takes from inside xstate 5.33.3, written down in one place. The version is pinned
 * exactly and test/engine/xstate.contract.test.ts fails when one of these stops being true.
 */

type AnyActorSystem = AnyActorRef['system']

/** Members of a stock actor that its public type hides. */
export interface ActorInternals {
  /** 0 not started, 1 running, 2 stopped. */
  readonly _processingStatus: number
  /** Takes an event at once, past the system's relay. */
  _send(event: EventObject): void
  /** Ends the actor at once, or after the event it is busy with. */
  _stop(): void
}

/** Members of an actor system that its public type hides; `createActor({ parent })` takes `parent.system` as is. */
export interface SystemInternals extends AnyActorSystem {
  _bookId(): string
  _register(sessionId: string, actor: AnyActorRef): string
  _unregister(actor: AnyActorRef): void
  _set(systemId: string, actor: AnyActorRef): void
  _sendInspectionEvent(event: unknown): void
  _relay(source: AnyActorRef | undefined, target: AnyActorRef, event: EventObject): void
}

/** Arguments of every action, guard argument and expression. */
export interface ActionArguments {
  readonly context: AnyMachineSnapshot['context']
  readonly event: EventObject
  readonly self: AnyActorScope['self']
  readonly system: AnyActorSystem
}

/** A built-in action such as `assign`, `raise` or `cancel`: a function that carries how to resolve itself. */
export interface BuiltinAction {
  readonly type: string
  resolve(
    scope: AnyActorScope,
    snapshot: AnyMachineSnapshot,
    args: ActionArguments,
    params: unknown,
    action: BuiltinAction,
    extra: { readonly internalQueue: { push(event: EventObject): void } },
  ): readonly [AnyMachineSnapshot, unknown, readonly UnknownAction[] | undefined]
  readonly execute?: (scope: AnyActorScope, params: unknown) => void
  /** `raise` and `sendTo`: the delay, or the name of one. */
  readonly delay?: unknown
  /** `raise` and `sendTo`: the name by which it can be cancelled. */
  readonly id?: unknown
  /** `assign`: the update, whole or by key. */
  readonly assignment?: Assignment | Readonly<Record<string, unknown>>
  /** `spawnChild`: the name of the child's logic. */
  readonly src?: unknown
}

/** The function form of `assign`. */
export type Assignment = (
  args: ActionArguments & { spawn: unknown },
  params: unknown,
) => Readonly<Record<string, unknown>>

/** A built-in guard such as `and`, `or` and `not`. */
export interface BuiltinGuard {
  check(
    snapshot: AnyMachineSnapshot,
    args: { context: unknown; event: EventObject },
    guard: BuiltinGuard,
  ): boolean
  readonly guards?: readonly unknown[]
}

/** A listener to what an actor emits. */
export type EventListener = (event: { readonly type: string }) => void

/** What stock's constructor puts into an actor, in its words: `bare-actor.ts` lays out the same. */
export interface ActorParts {
  logic: unknown
  _snapshot: unknown
  clock: AnyActorSystem['_clock']
  options: unknown
  id: string
  mailbox: object
  observers: Set<unknown>
  eventListeners: Map<string, Set<EventListener>>
  logger: unknown
  _processingStatus: number
  _parent: unknown
  _syncSnapshot: unknown
  ref: object
  systemId: unknown
  sessionId: string
  system: unknown
  _doneEvent: unknown
  src: unknown
  _deferred: (() => void)[]
  _actorScope: {
    readonly self: object
    readonly id: string
    readonly sessionId: string
    readonly logger: unknown
    readonly system: unknown
    readonly defer: (callback: () => void) => void
    readonly stopChild: (child: { readonly id: string; readonly _parent: unknown; _stop(): void }) => void
    readonly emit: EventListener
    readonly actionExecutor: (action: {
      readonly exec?: (info: unknown, params: unknown) => void
      readonly info: unknown
      readonly params: unknown
    }) => void
  }
  send: (event: EventObject) => void
  _process(event: unknown): void
  _initState(persisted: unknown): void
}

/** `_processingStatus` of an actor that takes events. */
export const RUNNING = 1
const STOPPED = 2

/** Everything a stock actor is made of. */
export const partsOf = (actor: AnyActorRef): ActorParts => actor as unknown as ActorParts

/** The hidden side of a stock actor. */
export const internalsOf = (actor: AnyActorRef): ActorInternals => actor as unknown as ActorInternals

/** Whether an actor has ended; what is sent to it from then on is lost. */
export const isStopped = (actor: AnyActorRef): boolean => internalsOf(actor)._processingStatus === STOPPED

/** Whether an action is one of xstate's own, which carry their meaning with them. */
export const isBuiltinAction = (action: unknown): action is BuiltinAction =>
  typeof action === 'function' && 'resolve' in action

/** Whether a guard is one of xstate's own, which are checked against a whole snapshot. */
export const isBuiltinGuard = (guard: unknown): guard is BuiltinGuard =>
  typeof guard === 'function' && 'check' in guard

/** Methods that stock's constructor binds to the machine it makes. */
const boundMethods = [
  'transition',
  'getInitialSnapshot',
  'getPersistedSnapshot',
  'restoreSnapshot',
  'start',
] as const

/**
 * What `machine.provide()` gives, without its states made once more: they say nothing of implementations, which stock
 * looks up in the machine of the snapshot.
 */
export function withImplementations<TMachine extends AnyStateMachine>(
  machine: TMachine,
  implementations: TMachine['implementations'],
): TMachine {
  const prototype: TMachine = Object.getPrototypeOf(machine)
  const copy: TMachine = Object.assign(Object.create(prototype), machine, { implementations })
  for (const method of boundMethods) Object.assign(copy, { [method]: prototype[method].bind(copy) })
  return copy
}
