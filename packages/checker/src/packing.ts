import type { Field, State } from './model.js'

/** Puts the fields of a state into as few words of 32 bits as hold them, and takes them out again. */
export class Packing {
  /** Words of a packed state. */
  readonly words: number
  readonly #fields: readonly Field[]
  /** The fields in the order of their words: where one begins, its place in the state, its shift and its bits. */
  readonly #begins: Uint16Array
  readonly #place: Uint16Array
  readonly #shift: Uint8Array
  readonly #mask: Int32Array

  constructor(fields: readonly Field[]) {
    const rows = arrange(fields)
    this.#fields = fields
    this.words = rows.length
    this.#begins = Uint16Array.from([0, ...rows.map((_, word) => rows.slice(0, word + 1).flat().length)])
    const inOrder = rows.flat()
    this.#place = Uint16Array.from(inOrder.map(({ place }) => place))
    this.#shift = Uint8Array.from(inOrder.map(({ shift }) => shift))
    this.#mask = Int32Array.from(inOrder.map(({ place }) => 2 ** width(fields, place) - 1))
  }

  /** @throws where a number does not fit into its field: the model has more states there than it said */
  pack(state: State, packed: Uint32Array): void {
    let beyond = 0
    let index = 0
    for (let word = 0; word < this.words; word += 1) {
      const end = this.#begins[word + 1] as number
      let bits = 0
      for (; index < end; index += 1) {
        const value = state[this.#place[index] as number] as number
        beyond |= value & ~(this.#mask[index] as number)
        bits |= value << (this.#shift[index] as number)
      }
      packed[word] = bits
    }
    if (beyond !== 0) throw this.#unfit(state)
  }

  unpack(packed: Uint32Array, offset: number, state: Int32Array): void {
    let index = 0
    for (let word = 0; word < this.words; word += 1) {
      const end = this.#begins[word + 1] as number
      const bits = packed[offset + word] as number
      for (; index < end; index += 1) {
        state[this.#place[index] as number] =
          (bits >>> (this.#shift[index] as number)) & (this.#mask[index] as number)
      }
    }
  }

  #unfit(state: State): Error {
    const index = this.#place.findIndex((place, at) => ((state[place] ?? 0) & ~(this.#mask[at] ?? 0)) !== 0)
    const place = this.#place[index] ?? 0
    const { name, bits } = this.#fields[place] ?? { name: '', bits: 0 }
    return new Error(`${name} is ${state[place]}, which ${bits} bits cannot hold`)
  }
}

interface Place {
  readonly place: number
  readonly shift: number
}

/** Which fields each word holds. The widest come first, each into the first word with room: narrow ones take what is left. */
function arrange(fields: readonly Field[]): readonly (readonly Place[])[] {
  const rows: Place[][] = []
  const used: number[] = []
  const widestFirst = [...fields.keys()].sort((one, other) => width(fields, other) - width(fields, one))
  for (const place of widestFirst) {
    const bits = width(fields, place)
    if (bits < 1 || bits > 31) throw new Error(`${fields[place]?.name} has ${bits} bits, not 1 to 31`)
    const found = used.findIndex((taken) => taken + bits <= 32)
    const word = found === -1 ? rows.push([]) - 1 : found
    const shift = used[word] ?? 0
    rows[word]?.push({ place, shift })
    used[word] = shift + bits
  }
  return rows
}

const width = (fields: readonly Field[], index: number): number => fields[index]?.bits ?? 0
