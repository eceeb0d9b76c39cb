import type { AnyActorRef, EventObject } from 'xstate'
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

/** Where an actor keeps its own. Most have none most of the time, and few more than two. */
export const ownTimers = Symbol('delayed events')

/** Those of an actor; one that stock has made has no place for them yet. */
function timersOf(source: AnyActorRef): ArmedTimer[] {
  const keeper = source as { [ownTimers]?: ArmedTimer[] }
  keeper[ownTimers] ??= []
  return keeper[ownTimers]
}

/**
 * The delayed events of all actors of a system, kept at each actor: what one costs does not depend on how many others
 * there are, nor are they walked through to stop one, as in the stock scheduler.
 */
export class ActorTimers {
  readonly #clock: EngineClock
  readonly #perActorMax: number
  readonly #fire: Fire
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
    const own = timersOf(source)
    if (own.length > 0) this.cancel(source, id)
    if (own.length >= this.#perActorMax)
      throw new Error(`${source.id} has ${own.length} delayed events, its limit`)
    const fire = (): void => {
      own.splice(own.indexOf(timer), 1)
      this.#fire(source, target, event)
    }
    const handle = this.#clock.setTimeout(fire, Math.max(0, dueMs - this.#clock.now()))
    const timer: ArmedTimer = { id, event, dueMs, target, handle }
    own.push(timer)
  }

  /** The `scheduler.cancel` of an xstate system. */
  cancel(source: AnyActorRef, id: string): void {
    const own = timersOf(source)
    for (const [index, timer] of own.entries()) {
      if (timer.id !== id) continue
      own.splice(index, 1)
      this.#clock.clearTimeout(timer.handle)
      return
    }
  }

  /** The `scheduler.cancelAll` of an xstate system: the actor has ended. */
  cancelAll(source: AnyActorRef): void {
    const own = timersOf(source)
    if (own.length === 0) return
    for (const { handle } of own.splice(0)) this.#clock.clearTimeout(handle)
  }

  /** The events an actor has delayed to itself, in the order of their arming. */
  of(source: AnyActorRef): PendingTimer[] {
    return timersOf(source)
      .filter((timer) => timer.target === source)
      .map(({ id, event, dueMs }) => ({ id, event, dueMs }))
  }
}
