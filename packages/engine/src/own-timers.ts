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

/** A delayed event that waits, or has waited and is filled anew. */
class ArmedTimer {
  id: string
  event: EventObject
  dueMs: number
  target: AnyActorRef
  next: ArmedTimer | undefined = undefined

  constructor({ id, event, dueMs }: PendingTimer, target: AnyActorRef) {
    this.id = id
    this.event = event
    this.dueMs = dueMs
    this.target = target
  }
}

/** Hands a delayed event over. */
export type Fire = (source: AnyActorRef, target: AnyActorRef, event: EventObject) => void

/**
 * The delayed events of one actor, and its one timer of the clock, which rings when the first of them is due. What most
 * charts do is to take a delay out and to arm the same again: the clock's timer stays for that, rings once in vain and
 * goes on, and what was taken out is filled anew, so that nothing is made that waits and is copied by the collector.
 */
export class OwnTimers {
  readonly #clock: EngineClock
  readonly #source: AnyActorRef
  readonly #fire: Fire
  /** A chain, in the order of their arming: an array that empties and fills again makes room for seventeen each time. */
  #first: ArmedTimer | undefined = undefined
  /** The one that was taken out last. */
  #spare: ArmedTimer | undefined = undefined
  #handle: unknown = undefined
  /** When the clock rings; infinite where it does not. */
  #ringsAtMs = Number.POSITIVE_INFINITY

  constructor(clock: EngineClock, source: AnyActorRef, fire: Fire) {
    this.#clock = clock
    this.#source = source
    this.#fire = fire
  }

  get isEmpty(): boolean {
    return this.#first === undefined
  }

  /**
   * Arms one; whose name is armed already is armed anew. Throws where the actor has `max` of them.
   * @param delayMs until it is due
   */
  arm(pending: PendingTimer, target: AnyActorRef, delayMs: number, max: number): void {
    this.remove(pending.id)
    let armed = 0
    let last: ArmedTimer | undefined
    for (let own = this.#first; own !== undefined; own = own.next) {
      armed += 1
      last = own
    }
    if (armed >= max) throw new Error(`${this.#source.id} has ${armed} delayed events, its limit`)
    const timer = this.#filled(pending, target)
    if (last === undefined) this.#first = timer
    else last.next = timer
    if (timer.dueMs < this.#ringsAtMs) this.#wind(timer.dueMs, delayMs)
  }

  /** Takes out the one of that name, where there is one. */
  remove(id: string): void {
    let before: ArmedTimer | undefined
    for (let timer = this.#first; timer !== undefined; timer = timer.next) {
      if (timer.id === id) {
        this.#unchain(timer, before)
        this.#spare = timer
        return
      }
      before = timer
    }
  }

  /** The clock rings no more, where nothing is armed. */
  rest(): void {
    if (this.#first !== undefined || this.#handle === undefined) return
    this.#clock.clearTimeout(this.#handle)
    this.#handle = undefined
    this.#ringsAtMs = Number.POSITIVE_INFINITY
  }

  clear(): void {
    this.#first = undefined
    this.#spare = undefined
    this.rest()
  }

  /** Those that are for one actor, in the order of their arming. */
  of(receiver: AnyActorRef): PendingTimer[] {
    const own: PendingTimer[] = []
    for (let timer = this.#first; timer !== undefined; timer = timer.next) {
      const { id, event, dueMs, target } = timer
      if (target === receiver) own.push({ id, event, dueMs })
    }
    return own
  }

  #filled(pending: PendingTimer, target: AnyActorRef): ArmedTimer {
    const spare = this.#spare
    if (spare === undefined) return new ArmedTimer(pending, target)
    this.#spare = undefined
    spare.id = pending.id
    spare.event = pending.event
    spare.dueMs = pending.dueMs
    spare.target = target
    spare.next = undefined
    return spare
  }

  #unchain(timer: ArmedTimer, before: ArmedTimer | undefined): void {
    if (before === undefined) this.#first = timer.next
    else before.next = timer.next
  }

  #wind(dueMs: number, delayMs: number): void {
    if (this.#handle !== undefined) this.#clock.clearTimeout(this.#handle)
    this.#ringsAtMs = dueMs
    this.#handle = this.#clock.setTimeout(this.#ring, delayMs)
  }

  readonly #ring = (): void => {
    // By its own account the clock may be a little early, as Node's is: what it rings for is due.
    const nowMs = Math.max(this.#clock.now(), this.#ringsAtMs)
    this.#handle = undefined
    this.#ringsAtMs = Number.POSITIVE_INFINITY
    try {
      // One at a time: what it sets off may take out the next, and may arm more that are due at once, for ever.
      const due = this.#takeDue(nowMs)
      if (due !== undefined) this.#fire(this.#source, due.target, due.event)
    } finally {
      this.#windForEarliest()
    }
  }

  /** Takes out the one that is due first; of those that are due together, the one that was armed first. */
  #takeDue(nowMs: number): ArmedTimer | undefined {
    const due = this.#earliest()
    if (due === undefined || due.dueMs > nowMs) return undefined
    let before: ArmedTimer | undefined
    for (let own = this.#first; own !== due; own = own?.next) before = own
    this.#unchain(due, before)
    return due
  }

  #windForEarliest(): void {
    const next = this.#earliest()
    if (next === undefined || next.dueMs >= this.#ringsAtMs) return
    this.#wind(next.dueMs, Math.max(0, next.dueMs - this.#clock.now()))
  }

  #earliest(): ArmedTimer | undefined {
    let earliest = this.#first
    for (let timer = earliest?.next; timer !== undefined; timer = timer.next) {
      if (earliest === undefined || timer.dueMs < earliest.dueMs) earliest = timer
    }
    return earliest
  }
}
