const edgesOfPage = 2 ** 18
const lastOfState = 0x8000_0000

/** Which states follow which, in the order in which they were expanded: one number for each, and no more. */
export class Edges {
  readonly #pages: Uint32Array[] = []
  #count = 0

  get bytes(): number {
    return this.#pages.length * edgesOfPage * 4
  }

  /** A state may follow the one that is expanded now. */
  add(target: number): void {
    if (this.#count % edgesOfPage === 0) this.#pages.push(new Uint32Array(edgesOfPage))
    ;(this.#pages.at(-1) as Uint32Array)[this.#count % edgesOfPage] = target
    this.#count += 1
  }

  /** The state is expanded, and had at least one edge. */
  close(): void {
    const page = this.#pages.at(-1) as Uint32Array
    const place = (this.#count - 1) % edgesOfPage
    page[place] = (page[place] as number) | lastOfState
  }

  /**
   * Marks every state that has a way to a marked one. States are looked at from the last to the first, since ways lead
   * mostly onwards, again and again until nothing changes.
   */
  spread(marks: Uint8Array): void {
    for (let hasChanged = true; hasChanged; ) {
      hasChanged = false
      let state = marks.length
      for (let edge = this.#count - 1; edge >= 0; edge -= 1) {
        const value = this.#pages[Math.floor(edge / edgesOfPage)]?.[edge % edgesOfPage] as number
        if (value >= lastOfState) state -= 1
        if (marks[state] === 0 && marks[value & ~lastOfState] === 1) {
          marks[state] = 1
          hasChanged = true
        }
      }
    }
  }
}
