/** Where the head is worth cutting off: below it, moving the rest costs more than it frees. */
const headMax = 4_096

/** Items in the order in which they came, taken from the front in batches. */
export class ItemQueue<Item> {
  #items: Item[] = []
  #head = 0

  get size(): number {
    return this.#items.length - this.#head
  }

  push(items: readonly Item[]): void {
    for (const item of items) this.#items.push(item)
  }

  /** Takes as many as fit both bounds, and always one where there is one: what is alone too large is its log's to refuse. */
  take(countMax: number, bytesMax: number, sizeOf: (item: Item) => number): readonly Item[] {
    let bytes = 0
    let end = this.#head
    for (const stop = Math.min(this.#items.length, this.#head + countMax); end < stop; end += 1) {
      const item = this.#items[end]
      if (item === undefined) break
      bytes += sizeOf(item)
      if (bytes > bytesMax && end > this.#head) break
    }
    const taken = this.#items.slice(this.#head, end)
    this.#head = end
    if (this.#head === this.#items.length || this.#head > headMax) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return taken
  }

  clear(): void {
    this.#items = []
    this.#head = 0
  }
}
