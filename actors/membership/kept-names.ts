import { limits } from '@covey/protocol'

/**
 * What is kept by name, for more names than a cluster has members: those that came and went are asked for again, but
 * not for ever. Beyond `namesKeptMax` the first goes that is over.
 */
export class KeptNames<Kept> {
  readonly #names = new Map<string, Kept>()
  readonly #begin: () => Kept
  readonly #isOver: (kept: Kept) => boolean

  constructor(begin: () => Kept, isOver: (kept: Kept) => boolean) {
    this.#begin = begin
    this.#isOver = isOver
  }

  get size(): number {
    return this.#names.size
  }

  get(nodeId: string): Kept | undefined {
    return this.#names.get(nodeId)
  }

  /** What is kept of a name, begun where nothing is. */
  of(nodeId: string): Kept {
    const known = this.#names.get(nodeId)
    if (known !== undefined) return known
    if (this.#names.size >= limits.namesKeptMax) this.#forgetOne()
    const kept = this.#begin()
    this.#names.set(nodeId, kept)
    return kept
  }

  #forgetOne(): void {
    for (const [nodeId, kept] of this.#names) {
      if (!this.#isOver(kept)) continue
      this.#names.delete(nodeId)
      return
    }
  }
}
