import { Actor, type ActorOptions, type AnyActorLogic, type AnyActorRef } from 'xstate'
import { ownTimers } from './actor-timers.js'
import { Mailbox } from './mailbox.js'
import {
  type ActorParts,
  type EventListener,
  partsOf,
  RUNNING,
  type SystemInternals,
} from './xstate-internals.js'

/** A map that stays empty, for all that need none of their own. Stock clears it at each end, for which V8 makes its inside anew. */
class EmptyMap<Key, Value> extends Map<Key, Value> {
  override clear(): void {
    // Nothing is in it.
  }
}

/** The same of a set. */
class EmptySet<Value> extends Set<Value> {
  override clear(): void {
    // Nothing is in it.
  }
}

/** Few actors emit: a map is made for the first listener of one. */
const noListeners: ActorParts['eventListeners'] = new EmptyMap()
/** Few are observed: a set is made for the first observer of one. */
const noObservers: ActorParts['observers'] = new EmptySet()

/** The observers of an actor, to add one to them. */
export function observersOf(actor: AnyActorRef): ActorParts['observers'] {
  const parts = partsOf(actor)
  if (parts.observers === noObservers) parts.observers = new Set()
  return parts.observers
}

/**
 * A stock actor made without stock's constructor: the same parts, by less work. Stock copies its options into a copy
 * of its defaults, for which V8 makes new hidden classes for every single actor, and wraps every action for an
 * inspector that is not there: two thirds of what a short life costs (ADR 32). A test compares the parts with stock's.
 */
class LeanActor {
  /** A part of ours. It stands here so that all actors have it from the beginning, in one place. */
  readonly [ownTimers]: unknown = undefined

  constructor(logic: AnyActorLogic, options: ActorOptions<AnyActorLogic>) {
    const { parent, id, snapshot } = options
    if (parent === undefined || id === undefined) throw new Error('an actor needs an address and a system')
    const system = parent.system as SystemInternals
    const parts = partsOf(this as unknown as Actor<AnyActorLogic>)
    parts.logic = logic
    parts._snapshot = undefined
    parts.clock = system._clock
    parts.options = options
    parts.id = id
    parts.mailbox = new Mailbox(parts)
    parts.observers = noObservers
    parts.eventListeners = noListeners
    parts.logger = system._logger
    parts._processingStatus = 0
    parts._parent = parent
    parts._syncSnapshot = undefined
    parts.ref = this
    parts.systemId = undefined
    parts.sessionId = system._bookId()
    parts.system = system
    parts._doneEvent = undefined
    parts.src = logic
    parts._deferred = []
    parts._actorScope = new LeanScope(parts)
    parts.send = parts.send.bind(this)
    parts._initState(snapshot)
  }

  on(...listening: Parameters<Actor<AnyActorLogic>['on']>): ReturnType<Actor<AnyActorLogic>['on']> {
    const parts = partsOf(this as unknown as Actor<AnyActorLogic>)
    if (parts.eventListeners === noListeners) parts.eventListeners = new Map()
    return Actor.prototype.on.apply(this as unknown as Actor<AnyActorLogic>, listening)
  }
}
Object.setPrototypeOf(LeanActor.prototype, Actor.prototype)

type Scope = ActorParts['_actorScope']

/** What the logic of an actor is given to work with: closures only where stock takes them off the scope. */
class LeanScope implements Scope {
  readonly self: object
  readonly id: string
  readonly sessionId: string
  readonly logger: unknown
  readonly system: unknown
  /** Not readonly: stock puts another one in its place for the time of a step. */
  actionExecutor: Scope['actionExecutor']
  readonly #parts: ActorParts

  constructor(parts: ActorParts) {
    this.self = parts.ref
    this.id = parts.id
    this.sessionId = parts.sessionId
    this.logger = parts.logger
    this.system = parts.system
    this.#parts = parts
    this.actionExecutor = ({ exec, info, params }) => {
      if (parts._processingStatus === RUNNING) exec?.(info, params)
      // Most actors defer one thing, once, and an array that is pushed to keeps room for sixteen more.
      else parts._deferred = [...parts._deferred, () => exec?.(info, params)]
    }
  }

  get emit(): Scope['emit'] {
    return (event) => emit(this.#parts, event)
  }

  defer(callback: () => void): void {
    this.#parts._deferred.push(callback)
  }

  stopChild(child: Parameters<Scope['stopChild']>[0]): void {
    if (child._parent !== this.self)
      throw new Error(`${child.id} is no child of ${this.id}, which is to stop it`)
    child._stop()
  }
}

/** As stock, a listener that throws is no failure of the actor: it surfaces in the clock's next turn. */
function emit({ eventListeners, clock }: ActorParts, event: { readonly type: string }): void {
  const listeners: EventListener[] = [
    ...(eventListeners.get(event.type) ?? []),
    ...(eventListeners.get('*') ?? []),
  ]
  for (const listen of listeners) {
    try {
      listen(event)
    } catch (error) {
      clock.setTimeout(() => {
        throw error
      }, 0)
    }
  }
}

/** {@link LeanActor} under the type of what it is. */
export const BareActor = LeanActor as unknown as new <TLogic extends AnyActorLogic>(
  logic: TLogic,
  options: ActorOptions<TLogic>,
) => Actor<TLogic>
