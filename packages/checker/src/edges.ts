const edgesOfPageBits = 18
const edgesOfPage = 2 ** edgesOfPageBits
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
   * mostly onwards; those that are not marked yet are looked at again until nothing changes.
   */
  spread(marks: Uint8Array): void {
    const pending: number[] = []
    let end = this.#count
    for (let state = marks.length - 1; state >= 0; state -= 1) {
      let begin = end - 1
      while (begin > 0 && this.#at(begin - 1) < lastOfState) begin -= 1
      if (marks[state] === 0) {
        if (this.#leads(begin, end, marks)) marks[state] = 1
        else pending.push(state, begin, end)
      }
      end = begin
    }
    for (let before = Number.POSITIVE_INFINITY; pending.length < before; ) {
      before = pending.length
      this.#spreadAmong(pending, marks)
    }
  }

  /** Marks those that lead to a marked one now, and keeps the others: each is a state and where its edges begin and end. */
  #spreadAmong(pending: number[], marks: Uint8Array): void {
    let kept = 0
    for (let at = 0; at < pending.length; at += 3) {
      const [state, begin, end] = pending.slice(at, at + 3) as [number, number, number]
      if (this.#leads(begin, end, marks)) {
        marks[state] = 1
        continue
      }
      pending[kept] = state
      pending[kept + 1] = begin
      pending[kept + 2] = end
      kept += 3
    }
    pending.length = kept
  }

  /** Whether one of these edges leads to a marked state. */
  #leads(begin: number, end: number, marks: Uint8Array): boolean {
    for (let edge = begin; edge < end; edge += 1) if (marks[this.#at(edge) & ~lastOfState] === 1) return true
    return false
  }

  #at(edge: number): number {
    return (this.#pages[edge >>> edgesOfPageBits] as Uint32Array)[edge & (edgesOfPage - 1)] as number
  }
}
