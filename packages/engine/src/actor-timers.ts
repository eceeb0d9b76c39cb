import type { AnyActorRef, EventObject } from 'xstate'
import { ChurnMap } from './churn-map.js'
import type { EngineClock } from './engine-clock.js'

/** A delayed event of an actor, as data that outlives it. */
export interface PendingTimer {
  /** The name by which the chart cancels it. */
  readonly id: string
  readonly event: EventObject
  /** When it is due, in milliseconds of the system's clock. */
  readonly dueMs: number
}

interface ArmedTimer extends PendingTimer {
  readonly target: AnyActorRef
  readonly handle: unknown
}

type Fire = (source: AnyActorRef, target: AnyActorRef, event: EventObject) => void

/**
 * The delayed events of all actors of a system, kept per actor: stopping one costs its own timers and not, as
 * in the stock scheduler, a walk through everybody's.
 */
export class ActorTimers {
  readonly #clock: EngineClock
  readonly #perActorMax: number
  readonly #fire: Fire
  readonly #bySession = new ChurnMap<string, Map<string, ArmedTimer>>()
  #unnamed = 0

  constructor(clock: EngineClock, perActorMax: number, fire: Fire) {
    this.#clock = clock
    this.#perActorMax = perActorMax
    this.#fire = fire
  }

  /** The `scheduler.schedule` of an xstate system. An id that is already armed is armed anew. */
  schedule(source: AnyActorRef, target: AnyActorRef, event: EventObject, delayMs: number, id?: string): void {
    const timer = { id: id ?? `timer.${this.#unnamed++}`, event, dueMs: this.#clock.now() + delayMs }
    this.arm(source, target, timer)
  }

  /** Arms an event for its due time; what is past due fires at the clock's next turn. */
  arm(source: AnyActorRef, target: AnyActorRef, { id, event, dueMs }: PendingTimer): void {
    const own = this.#bySession.get(source.sessionId) ?? new Map<string, ArmedTimer>()
    this.#bySession.set(source.sessionId, own)
    const previous = own.get(id)
    if (previous !== undefined) this.#clock.clearTimeout(previous.handle)
    else if (own.size >= this.#perActorMax)
      throw new Error(`${source.id} has ${own.size} delayed events, its limit`)
    const fire = (): void => {
      this.#drop(source, own, id)
      this.#fire(source, target, event)
    }
    const handle = this.#clock.setTimeout(fire, Math.max(0, dueMs - this.#clock.now()))
    own.set(id, { id, event, dueMs, target, handle })
  }

  /** The `scheduler.cancel` of an xstate system. */
  cancel(source: AnyActorRef, id: string): void {
    const own = this.#bySession.get(source.sessionId)
    const timer = own?.get(id)
    if (own === undefined || timer === undefined) return
    this.#clock.clearTimeout(timer.handle)
    this.#drop(source, own, id)
  }

  /** Most actors wait for nothing most of the time, and keep no table for it. */
  #drop({ sessionId }: AnyActorRef, own: Map<string, ArmedTimer>, id: string): void {
    own.delete(id)
    if (own.size === 0) this.#bySession.delete(sessionId)
  }

  /** The `scheduler.cancelAll` of an xstate system: the actor has ended. */
  cancelAll(source: AnyActorRef): void {
    this.#cancelSession(source.sessionId)
  }

  /** Leaves no timer of any actor. */
  clear(): void {
    for (const session of [...this.#bySession.keys()]) this.#cancelSession(session)
  }

  #cancelSession(session: string): void {
    for (const timer of this.#bySession.get(session)?.values() ?? []) this.#clock.clearTimeout(timer.handle)
    this.#bySession.delete(session)
  }

  /** The events an actor has delayed to itself, in the order of their arming. */
  of(source: AnyActorRef): PendingTimer[] {
    return [...(this.#bySession.get(source.sessionId)?.values() ?? [])]
      .filter((timer) => timer.target === source)
      .map(({ id, event, dueMs }) => ({ id, event, dueMs }))
  }
}
