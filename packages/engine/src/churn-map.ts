interface Cell<Value> {
  value: Value | undefined
}

/**
 * A map for what comes and goes all the time. V8 links the table that a `Map` has outgrown to its next one, and an old
 * table that has died keeps what its next one held until the next full collection: by and by everything that ever was
 * in the map is copied, and collected as old. Here a table holds cells, which are emptied when their key is deleted.
 */
export class ChurnMap<Key, Value> {
  readonly #cells = new Map<Key, Cell<Value>>()

  get size(): number {
    return this.#cells.size
  }

  has(key: Key): boolean {
    return this.#cells.has(key)
  }

  get(key: Key): Value | undefined {
    return this.#cells.get(key)?.value
  }

  set(key: Key, value: Value): void {
    const cell = this.#cells.get(key)
    if (cell === undefined) this.#cells.set(key, { value })
    else cell.value = value
  }

  delete(key: Key): boolean {
    const cell = this.#cells.get(key)
    if (cell === undefined) return false
    cell.value = undefined
    return this.#cells.delete(key)
  }

  keys(): IterableIterator<Key> {
    return this.#cells.keys()
  }

  *values(): Generator<Value> {
    for (const { value } of this.#cells.values()) if (value !== undefined) yield value
  }

  *entries(): Generator<[Key, Value]> {
    for (const [key, { value }] of this.#cells) if (value !== undefined) yield [key, value]
  }
}
