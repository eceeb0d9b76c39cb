const slotsAtFirst = 2 ** 12
const wordsOfSlot = 3

/** A map from two whole numbers of 32 bits, without an object or a text for each: it is asked in every state. */
export class PairMap<TValue> {
  /** Open addressing: the two numbers and the place of the value plus one, which is 0 in a free slot. */
  #slots = new Int32Array(slotsAtFirst * wordsOfSlot)
  readonly #values: TValue[] = []

  get size(): number {
    return this.#values.length
  }

  get(one: number, other: number): TValue | undefined {
    const place = this.#slots[this.#find(one, other) + 2] as number
    return place === 0 ? undefined : this.#values[place - 1]
  }

  set(one: number, other: number, value: TValue): void {
    const slot = this.#find(one, other)
    const place = this.#slots[slot + 2] as number
    if (place !== 0) {
      this.#values[place - 1] = value
      return
    }
    this.#slots.set([one, other, this.#values.push(value)], slot)
    if (this.#values.length * wordsOfSlot * 2 > this.#slots.length) this.#widen()
  }

  /** Where the pair is, or would be. */
  #find(one: number, other: number): number {
    const slots = this.#slots
    const mask = slots.length / wordsOfSlot - 1
    let mixed = Math.imul(one, 0x9e3779b1) ^ Math.imul(other, 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35)
    for (let at = (mixed ^ (mixed >>> 13)) & mask; ; at = (at + 1) & mask) {
      const slot = at * wordsOfSlot
      if (slots[slot + 2] === 0 || (slots[slot] === one && slots[slot + 1] === other)) return slot
    }
  }

  #widen(): void {
    const old = this.#slots
    this.#slots = new Int32Array(old.length * 2)
    for (let slot = 0; slot < old.length; slot += wordsOfSlot) {
      if (old[slot + 2] === 0) continue
      const found = this.#find(old[slot] as number, old[slot + 1] as number)
      this.#slots.set(old.subarray(slot, slot + wordsOfSlot), found)
    }
  }
}
