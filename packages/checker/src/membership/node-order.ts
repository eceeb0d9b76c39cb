import type { Layout } from './layout.js'

/** One more in the number of a process, and of a sight, in a rank of 53 bits: what is left tells apart how each is seen. */
const processOne = 2 ** 38
const sightOne = 2 ** 22

/**
 * Puts the nodes of a state into an order that does not depend on their names. Two states that differ by names only
 * become one, save for those in which nodes of the same rank stand in another order: these stay two, which costs states
 * and hides nothing.
 */
export class NodeOrder {
  readonly #count: number
  readonly #layout: Layout
  /** For each order of the nodes, which field of a state comes to which place. */
  readonly #sources: (Uint8Array | undefined)[] = []
  readonly #ranks: Float64Array
  readonly #order: Int32Array
  readonly #scratch: Int32Array

  constructor(layout: Layout) {
    this.#layout = layout
    this.#count = layout.nodes.length
    this.#ranks = new Float64Array(this.#count)
    this.#order = new Int32Array(this.#count)
    this.#scratch = new Int32Array(layout.fields.length)
  }

  sort(state: Int32Array): void {
    const code = this.#rank(state)
    if (code === 0) return
    const source = this.#sources[code] ?? this.#sourceOf(code)
    const scratch = this.#scratch
    const end = this.#layout.left
    for (let index = 0; index < end; index += 1) scratch[index] = state[index] as number
    for (let index = 0; index < end; index += 1) state[index] = scratch[source[index] as number] as number
  }

  /**
   * Ranks the nodes, by their processes, then by what each sees, then by how each is seen: most steps change no rank in
   * the front, so that what was in order stays so. Answers a number for their order, 0 where they are in order.
   */
  #rank(state: Int32Array): number {
    const count = this.#count
    const ranks = this.#ranks
    for (let node = 0; node < count; node += 1) ranks[node] = (state[node] as number) * processOne
    let index = count
    for (let observer = 0; observer < count; observer += 1) {
      for (let subject = 0; subject < count; subject += 1) {
        if (subject === observer) continue
        const sight = state[index] as number
        index += 1
        ranks[observer] = (ranks[observer] as number) + sight * sightOne
        ranks[subject] = (ranks[subject] as number) + (Math.imul(sight + 1, 0x9e3779b1) >>> 13)
      }
    }
    return this.#sortRanks()
  }

  #sortRanks(): number {
    const count = this.#count
    const ranks = this.#ranks
    const order = this.#order
    let isSorted = true
    for (let place = 0; place < count; place += 1) {
      const rank = ranks[place] as number
      let to = place
      for (; to > 0 && (ranks[order[to - 1] as number] as number) > rank; to -= 1) {
        order[to] = order[to - 1] as number
        isSorted = false
      }
      order[to] = place
    }
    if (isSorted) return 0
    let code = 1
    for (let place = 0; place < count; place += 1) code = code * count + (order[place] as number)
    return code
  }

  #sourceOf(code: number): Uint8Array {
    const { nodes, pairs, left } = this.#layout
    const from = (node: number): number => this.#order[node] as number
    const source = new Uint8Array(left)
    for (const node of nodes) source[node] = from(node)
    for (const { observer, subject, sight, voters } of pairs) {
      source[sight] = this.#layout.sight(from(observer), from(subject))
      for (const { node, voice } of voters) {
        source[voice] = this.#layout.voice(from(observer), from(subject), from(node))
      }
    }
    this.#sources[code] = source
    return source
  }
}
