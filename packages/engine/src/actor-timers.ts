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

/**
 * Armed timers of one actor are a chain in the order of their arming: an array that empties and fills again makes room
 * for seventeen each time, and what waits long is copied by the collector with all that it holds.
 */
class ArmedTimer implements PendingTimer {
  readonly id: string
  readonly event: EventObject
  readonly dueMs: number
  readonly target: AnyActorRef
  handle: unknown = undefined
  next: ArmedTimer | undefined = undefined

  constructor({ id, event, dueMs }: PendingTimer, target: AnyActorRef) {
    this.id = id
    this.event = event
    this.dueMs = dueMs
    this.target = target
  }
}

type Fire = (source: AnyActorRef, target: AnyActorRef, event: EventObject) => void

/** Where an actor keeps the first of its own. Most have none most of the time, and few more than two. */
export const ownTimers = Symbol('delayed events')

/** One that stock has made has no place for them until it has one. */
const keeperOf = (source: AnyActorRef) => source as { [ownTimers]?: ArmedTimer | undefined }

/** Takes one out of the chain of an actor. */
function unchain(source: AnyActorRef, timer: ArmedTimer): void {
  const keeper = keeperOf(source)
  if (keeper[ownTimers] === timer) {
    keeper[ownTimers] = timer.next
    return
  }
  let before = keeper[ownTimers]
  while (before !== undefined && before.next !== timer) before = before.next
  if (before !== undefined) before.next = timer.next
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
    this.#arm(source, new ArmedTimer(timer, target), delayMs)
  }

  /** Arms an event for its due time; what is past due fires at the clock's next turn. */
  arm(source: AnyActorRef, target: AnyActorRef, timer: PendingTimer): void {
    this.#arm(source, new ArmedTimer(timer, target), Math.max(0, timer.dueMs - this.#clock.now()))
  }

  #arm(source: AnyActorRef, timer: ArmedTimer, delayMs: number): void {
    this.cancel(source, timer.id)
    let armed = 0
    let last: ArmedTimer | undefined
    for (let own = keeperOf(source)[ownTimers]; own !== undefined; own = own.next) {
      armed += 1
      last = own
    }
    if (armed >= this.#perActorMax) throw new Error(`${source.id} has ${armed} delayed events, its limit`)
    timer.handle = this.#clock.setTimeout(() => {
      unchain(source, timer)
      this.#fire(source, timer.target, timer.event)
    }, delayMs)
    if (last === undefined) keeperOf(source)[ownTimers] = timer
    else last.next = timer
  }

  /** The `scheduler.cancel` of an xstate system. */
  cancel(source: AnyActorRef, id: string): void {
    let timer = keeperOf(source)[ownTimers]
    while (timer !== undefined && timer.id !== id) timer = timer.next
    if (timer === undefined) return
    unchain(source, timer)
    this.#clock.clearTimeout(timer.handle)
  }

  /** The `scheduler.cancelAll` of an xstate system: the actor has ended. */
  cancelAll(source: AnyActorRef): void {
    const keeper = keeperOf(source)
    for (let timer = keeper[ownTimers]; timer !== undefined; timer = timer.next)
      this.#clock.clearTimeout(timer.handle)
    if (keeper[ownTimers] !== undefined) keeper[ownTimers] = undefined
  }

  /** The events an actor has delayed to itself, in the order of their arming. */
  of(source: AnyActorRef): PendingTimer[] {
    const own: PendingTimer[] = []
    for (let timer = keeperOf(source)[ownTimers]; timer !== undefined; timer = timer.next) {
      const { id, event, dueMs, target } = timer
      if (target === source) own.push({ id, event, dueMs })
    }
    return own
  }
}
