import type { AnyActorRef, EventObject } from 'xstate'
import type { EngineClock } from './engine-clock.js'
import { type Fire, OwnTimers, type PendingTimer } from './own-timers.js'

/** Where an actor keeps its own. Most have none. */
export const ownTimers = Symbol('delayed events')

/** One that stock has made has no place for them until it has one. */
const keeperOf = (source: AnyActorRef) => source as { [ownTimers]?: OwnTimers | undefined }

/**
 * The delayed events of all actors of a system, kept at each actor: what one costs does not depend on how many others
 * there are, nor are they walked through to stop one, as in the stock scheduler.
 */
export class ActorTimers {
  readonly #clock: EngineClock
  readonly #perActorMax: number
  readonly #fire: Fire
  /** Of whom the last one was taken out in this turn. */
  readonly #emptied: OwnTimers[] = []
  #unnamed = 0

  constructor(clock: EngineClock, perActorMax: number, fire: Fire) {
    this.#clock = clock
    this.#perActorMax = perActorMax
    this.#fire = fire
  }

  /** The `scheduler.schedule` of an xstate system. An id that is already armed is armed anew. */
  schedule(source: AnyActorRef, target: AnyActorRef, event: EventObject, delayMs: number, id?: string): void {
    const timer = { id: id ?? `timer.${this.#unnamed++}`, event, dueMs: this.#clock.now() + delayMs }
    this.#of(source).arm(timer, target, delayMs, this.#perActorMax)
  }

  /** Arms an event for its due time; what is past due fires at the clock's next turn. */
  arm(source: AnyActorRef, target: AnyActorRef, timer: PendingTimer): void {
    const delayMs = Math.max(0, timer.dueMs - this.#clock.now())
    this.#of(source).arm(timer, target, delayMs, this.#perActorMax)
  }

  /** The `scheduler.cancel` of an xstate system. */
  cancel(source: AnyActorRef, id: string): void {
    const own = keeperOf(source)[ownTimers]
    if (own === undefined || own.isEmpty) return
    own.remove(id)
    if (own.isEmpty) this.#emptied.push(own)
  }

  /** The `scheduler.cancelAll` of an xstate system: the actor has ended. */
  cancelAll(source: AnyActorRef): void {
    keeperOf(source)[ownTimers]?.clear()
  }

  /** A turn is over: the clock rings for none that has armed nothing again. */
  settle(): void {
    for (let own = this.#emptied.pop(); own !== undefined; own = this.#emptied.pop()) own.rest()
  }

  /** The events an actor has delayed to itself, in the order of their arming. */
  of(source: AnyActorRef): PendingTimer[] {
    return keeperOf(source)[ownTimers]?.of(source) ?? []
  }

  #of(source: AnyActorRef): OwnTimers {
    const keeper = keeperOf(source)
    keeper[ownTimers] ??= new OwnTimers(this.#clock, source, this.#fire)
    return keeper[ownTimers]
  }
}
