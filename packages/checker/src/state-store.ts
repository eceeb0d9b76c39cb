const statesOfPage = 2 ** 16
const slotsAtFirst = 2 ** 16

/** All packed states that were reached, numbered in the order in which they were, each with the one it was reached from. */
export class StateStore {
  readonly #words: number
  readonly #pages: Uint32Array[] = []
  readonly #origins: Uint32Array[] = []
  /** Open addressing: the number of a state plus one, 0 for a free slot. */
  #slots = new Int32Array(slotsAtFirst)
  #count = 0

  constructor(words: number) {
    this.#words = words
  }

  get count(): number {
    return this.#count
  }

  /** Bytes that are held for all of it. */
  get bytes(): number {
    return this.#pages.length * statesOfPage * (this.#words + 1) * 4 + this.#slots.byteLength
  }

  /** The number of a state, which is `count` from before the call where it is new. */
  add(packed: Uint32Array, origin: number): number {
    const mask = this.#slots.length - 1
    for (let slot = hash(packed, 0, this.#words) & mask; ; slot = (slot + 1) & mask) {
      const held = this.#slots[slot] as number
      if (held === 0) return this.#append(packed, origin, slot)
      if (this.#holds(held - 1, packed)) return held - 1
    }
  }

  /** The state from which this one was reached first; itself for the first of all. */
  origin(state: number): number {
    return this.#origins[state >>> 16]?.[state & 0xffff] ?? 0
  }

  /** Where a state lies: a page, and its first word there. */
  at(state: number): { readonly page: Uint32Array; readonly place: number } {
    return { page: this.#pages[state >>> 16] as Uint32Array, place: (state & 0xffff) * this.#words }
  }

  #append(packed: Uint32Array, origin: number, slot: number): number {
    const state = this.#count
    if ((state & 0xffff) === 0) {
      this.#pages.push(new Uint32Array(statesOfPage * this.#words))
      this.#origins.push(new Uint32Array(statesOfPage))
    }
    const { page, place } = this.at(state)
    page.set(packed, place)
    ;(this.#origins[state >>> 16] as Uint32Array)[state & 0xffff] = origin
    this.#slots[slot] = state + 1
    this.#count += 1
    if (this.#count * 3 > this.#slots.length * 2) this.#widen()
    return state
  }

  #holds(state: number, packed: Uint32Array): boolean {
    const { page, place } = this.at(state)
    for (let word = 0; word < this.#words; word += 1) if (page[place + word] !== packed[word]) return false
    return true
  }

  #widen(): void {
    const slots = new Int32Array(this.#slots.length * 2)
    const mask = slots.length - 1
    for (let state = 0; state < this.#count; state += 1) {
      const { page, place } = this.at(state)
      let slot = hash(page, place, this.#words) & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = state + 1
    }
    this.#slots = slots
  }
}

function hash(packed: Uint32Array, from: number, words: number): number {
  let mixed = 0x9e3779b9
  for (let word = 0; word < words; word += 1) {
    mixed = Math.imul(mixed ^ (packed[from + word] as number), 0x85ebca6b)
    mixed ^= mixed >>> 15
  }
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return mixed ^ (mixed >>> 13)
}
