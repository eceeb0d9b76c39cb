import type { Field, State } from './model.js'

/** Puts the fields of a state into as few words of 32 bits as hold them, and takes them out again. */
export class Packing {
  /** Words of a packed state. */
  readonly words: number
  readonly #fields: readonly Field[]
  readonly #word: Uint8Array
  readonly #shift: Uint8Array
  readonly #mask: Int32Array

  constructor(fields: readonly Field[]) {
    this.#fields = fields
    this.#word = new Uint8Array(fields.length)
    this.#shift = new Uint8Array(fields.length)
    this.#mask = new Int32Array(fields.length)
    const free: number[] = []
    // The widest first, each into the first word with room: what is left over takes the narrow ones.
    const widestFirst = fields
      .map((_, index) => index)
      .sort((one, other) => width(fields, other) - width(fields, one))
    for (const index of widestFirst) {
      const bits = width(fields, index)
      if (bits < 1 || bits > 31) throw new Error(`${fields[index]?.name} has ${bits} bits, not 1 to 31`)
      const found = free.findIndex((room) => room >= bits)
      const word = found === -1 ? free.push(32) - 1 : found
      const room = free[word] ?? 0
      this.#word[index] = word
      this.#shift[index] = 32 - room
      this.#mask[index] = 2 ** bits - 1
      free[word] = room - bits
    }
    this.words = free.length
  }

  /** @throws where a number does not fit into its field: the model has more states there than it said */
  pack(state: State, packed: Uint32Array): void {
    packed.fill(0)
    for (let index = 0; index < state.length; index += 1) {
      const value = state[index] as number
      if ((value & ~(this.#mask[index] as number)) !== 0) {
        throw new Error(
          `${this.#fields[index]?.name} is ${value}, which ${width(this.#fields, index)} bits cannot hold`,
        )
      }
      const word = this.#word[index] as number
      packed[word] = (packed[word] as number) | (value << (this.#shift[index] as number))
    }
  }

  unpack(packed: Uint32Array, offset: number, state: Int32Array): void {
    for (let index = 0; index < state.length; index += 1) {
      const word = packed[offset + (this.#word[index] as number)] as number
      state[index] = (word >>> (this.#shift[index] as number)) & (this.#mask[index] as number)
    }
  }
}

const width = (fields: readonly Field[], index: number): number => fields[index]?.bits ?? 0
