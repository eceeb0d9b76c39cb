import { Actor, type ActorOptions, type AnyActorLogic, createActor, fromTransition } from 'xstate'
import {
  type ActorParts,
  type EventListener,
  partsOf,
  RUNNING,
  type SystemInternals,
} from './xstate-internals.js'

/** Stock's own mailbox, which it does not export. */
const Mailbox = partsOf(createActor(fromTransition((state: null) => state, null))).mailbox
  .constructor as new (
  process: (event: unknown) => void,
) => ActorParts['mailbox']

/**
 * A stock actor made without stock's constructor: the same parts, by less work. Stock copies its options into a copy
 * of its defaults, for which V8 makes new hidden classes for every single actor, and wraps every action for an
 * inspector that is not there: two thirds of what a short life costs (ADR 32). A test compares the parts with stock's.
 */
class LeanActor {
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
    parts.mailbox = new Mailbox(parts._process.bind(this))
    parts.observers = new Set()
    parts.eventListeners = new Map()
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
    parts._actorScope = scopeOf(parts)
    parts.send = parts.send.bind(this)
    parts._initState(snapshot)
  }
}
Object.setPrototypeOf(LeanActor.prototype, Actor.prototype)

/** What the logic of an actor is given to work with. */
function scopeOf(parts: ActorParts): ActorParts['_actorScope'] {
  const { ref: self, id, sessionId, logger, system } = parts
  return {
    self,
    id,
    sessionId,
    logger,
    system,
    defer: (callback) => {
      parts._deferred.push(callback)
    },
    stopChild: (child) => {
      if (child._parent !== self) throw new Error(`${child.id} is no child of ${id}, which is to stop it`)
      child._stop()
    },
    emit: (event) => emit(parts, event),
    actionExecutor: ({ exec, info, params }) => {
      if (parts._processingStatus === RUNNING) exec?.(info, params)
      else parts._deferred.push(() => exec?.(info, params))
    },
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
