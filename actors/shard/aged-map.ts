import { Fifo } from './fifo.js'

/**
 * A map of which the oldest entries go first. A `Map` leaves a hole where an entry was, and whoever begins to walk it steps
 * over all holes at its head: where the oldest goes each time, a hundred thousand. Here the order stands beside it.
 */
export class AgedMap<Key, Value> {
  readonly #values = new Map<Key, Value>()
  readonly #order = new Fifo<Key>()

  get size(): number {
    return this.#values.size
  }

  has(key: Key): boolean {
    return this.#values.has(key)
  }

  get(key: Key): Value | undefined {
    return this.#values.get(key)
  }

  /** What is there already keeps its place. */
  set(key: Key, value: Value): void {
    if (!this.#values.has(key)) this.#order.push(key)
    this.#values.set(key, value)
  }

  /** The key of the oldest entry; `undefined` where there is none. */
  get oldest(): Key | undefined {
    return this.#order.peek()
  }

  /** Takes out the oldest entry and returns its value. */
  shift(): Value | undefined {
    const key = this.#order.peek()
    if (key === undefined) return undefined
    const value = this.#values.get(key)
    this.#order.shift()
    this.#values.delete(key)
    return value
  }

  /** All keys, that of the oldest entry first. */
  keys(): Iterable<Key> {
    return this.#order.all()
  }

  /** All entries, the oldest first. */
  [Symbol.iterator](): Iterator<readonly [Key, Value]> {
    return this.#values[Symbol.iterator]()
  }
}
