/** A first-in-first-out list with cheap removal at the head. */
export class Fifo<Item> {
  #items: Item[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  push(item: Item): void {
    this.#items.push(item)
  }

  /** Puts an item before all others. */
  unshift(item: Item): void {
    if (this.#head === 0) this.#items.unshift(item)
    else {
      this.#head -= 1
      this.#items[this.#head] = item
    }
  }

  peek(): Item | undefined {
    return this.#items[this.#head]
  }

  /** All items, the first one first. */
  *all(): Iterable<Item> {
    for (let index = this.#head; index < this.#items.length; index += 1) yield this.#items[index] as Item
  }

  shift(): void {
    if (this.length === 0) return
    this.#head += 1
    if (this.#head > 1_024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
  }

  /** Puts the first behind all others. */
  rotate(): void {
    const item = this.peek()
    if (item === undefined) return
    this.shift()
    this.push(item)
  }

  /** Leaves only what passes. */
  keep(passes: (item: Item) => boolean): void {
    this.#items = this.#items.slice(this.#head).filter(passes)
    this.#head = 0
  }
}
