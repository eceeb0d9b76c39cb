import type { AnyActorRef, EventObject } from 'xstate'

/** An event on its way, to an address or to one certain incarnation. */
export interface Delivery {
  readonly to: string | AnyActorRef
  readonly event: EventObject
}

/** How many taken places at the front are kept before the array is cut, so that taking stays constant. */
const SLACK = 1_024

/** First in, first out; both ends at constant cost. The owner bounds its length. */
export class EventQueue {
  #items: Delivery[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  push(to: string | AnyActorRef, event: EventObject): void {
    this.#items.push({ to, event })
  }

  /** Takes the oldest delivery, or answers undefined where there is none. */
  shift(): Delivery | undefined {
    const item = this.#items[this.#head]
    if (item === undefined) return undefined
    this.#head += 1
    if (this.#head === this.#items.length) {
      this.#items.length = 0
      this.#head = 0
    } else if (this.#head >= SLACK && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }
}
