const statesOfPage = 2 ** 16
const slotsAtFirst = 2 ** 16

/** All packed states that were reached, numbered in the order in which they were, each with the one it was reached from. */
export class StateStore {
  readonly #words: number
  readonly #pages: Uint32Array[] = []
  readonly #origins: Uint32Array[] = []
  /** Open addressing: the number of a state plus one, 0 in a free slot, and its hash, so that few others are compared. */
  #slots = new Int32Array(slotsAtFirst * 2)
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
    const slots = this.#slots
    const mask = slots.length - 2
    const hash = hashOf(packed, this.#words)
    for (let slot = (hash << 1) & mask; ; slot = (slot + 2) & mask) {
      const held = slots[slot] as number
      if (held === 0) return this.#append(packed, origin, slot, hash)
      if (slots[slot + 1] === hash && this.#holds(held - 1, packed)) return held - 1
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

  #append(packed: Uint32Array, origin: number, slot: number, hash: number): number {
    const state = this.#count
    if ((state & 0xffff) === 0) {
      this.#pages.push(new Uint32Array(statesOfPage * this.#words))
      this.#origins.push(new Uint32Array(statesOfPage))
    }
    const { page, place } = this.at(state)
    for (let word = 0; word < this.#words; word += 1) page[place + word] = packed[word] as number
    ;(this.#origins[state >>> 16] as Uint32Array)[state & 0xffff] = origin
    this.#slots[slot] = state + 1
    this.#slots[slot + 1] = hash
    this.#count += 1
    if (this.#count * 3 > this.#slots.length) this.#widen()
    return state
  }

  #holds(state: number, packed: Uint32Array): boolean {
    const page = this.#pages[state >>> 16] as Uint32Array
    const place = (state & 0xffff) * this.#words
    for (let word = 0; word < this.#words; word += 1) if (page[place + word] !== packed[word]) return false
    return true
  }

  #widen(): void {
    const old = this.#slots
    const slots = new Int32Array(old.length * 2)
    const mask = slots.length - 2
    for (let from = 0; from < old.length; from += 2) {
      if (old[from] === 0) continue
      const hash = old[from + 1] as number
      let slot = (hash << 1) & mask
      while (slots[slot] !== 0) slot = (slot + 2) & mask
      slots[slot] = old[from] as number
      slots[slot + 1] = hash
    }
    this.#slots = slots
  }
}

function hashOf(packed: Uint32Array, words: number): number {
  let mixed = 0x9e3779b9
  for (let word = 0; word < words; word += 1) {
    mixed = Math.imul(mixed ^ (packed[word] as number), 0x85ebca6b)
    mixed ^= mixed >>> 15
  }
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return mixed ^ (mixed >>> 13)
}
