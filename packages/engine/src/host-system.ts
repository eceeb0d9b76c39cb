import type { AnyActorRef, EventObject } from 'xstate'
import type { ActorTimers } from './actor-timers.js'
import type { EngineClock } from './engine-clock.js'
import type { SystemInternals } from './xstate-internals.js'

/** What the stock actors ask of the system they live under. */
export interface HostSystemHooks {
  readonly node: string
  readonly clock: EngineClock
  readonly timers: ActorTimers
  relay(target: AnyActorRef, event: EventObject): void
  /** `xstate.done.actor.*` and `xstate.error.actor.*` of an addressed actor, and whatever it sends its parent. */
  toParent(source: AnyActorRef, event: EventObject): void
  unregister(actor: AnyActorRef): void
  find(address: string): AnyActorRef | undefined
  all(): Record<string, AnyActorRef>
}

const refuse = (what: string) => (): never => {
  throw new Error(what)
}

/**
 * A parent that is no actor: `createActor(logic, { parent })` takes `parent.system` as it is, which puts stock
 * actors under our clock, ids, queue and timers.
 */
export function createHostParent(hooks: HostSystemHooks): AnyActorRef {
  const { clock, timers } = hooks
  let sessions = 0
  const parent = { id: hooks.node, sessionId: hooks.node } as unknown as AnyActorRef
  const system: SystemInternals = {
    _bookId: () => `${hooks.node}/${sessions++}`,
    _register: (sessionId) => sessionId,
    _unregister: (actor) => hooks.unregister(actor),
    _set: refuse('An actor is found by its address: leave systemId away'),
    get: (address) => hooks.find(String(address)),
    getAll: () => hooks.all(),
    inspect: refuse('Actors are watched through the transition tap: leave inspect away'),
    _sendInspectionEvent: () => undefined,
    _relay: (source, target, event) => {
      if (target !== parent) hooks.relay(target, event)
      else if (source !== undefined) hooks.toParent(source, event)
    },
    scheduler: {
      schedule: (source, target, event, delayMs, id) => timers.schedule(source, target, event, delayMs, id),
      cancel: (source, id) => timers.cancel(source, id),
      cancelAll: (actor) => timers.cancelAll(actor),
    },
    getSnapshot: () => ({ _scheduledEvents: {} }),
    start: () => undefined,
    _clock: clock,
    _logger: refuse('A chart does not log: the log is a view of its transitions'),
  }
  return Object.assign(parent, { system })
}
