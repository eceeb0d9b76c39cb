import type { EndKind } from '@covey/protocol'

/** A fact of one name. */
export type Fact =
  | { readonly kind: 'joined'; readonly generation: number; readonly run: number }
  | { readonly kind: 'active'; readonly generation: number }
  | { readonly kind: 'leaving'; readonly generation: number }
  | { readonly kind: 'departed'; readonly generation: number; readonly how: EndKind }

interface Row {
  readonly facts: readonly Fact[]
  readonly texts: readonly string[]
  readonly latest: number
}

/** All rows of facts that one name can have, as numbers. Who creates a fact first has created it. */
export class FactRows {
  readonly #rows: Row[] = []
  readonly #ids = new Map<string, number>()

  constructor() {
    this.of([])
  }

  facts(row: number): readonly Fact[] {
    return this.#at(row).facts
  }

  /** Each fact of a row in words. */
  texts(row: number): readonly string[] {
    return this.#at(row).texts
  }

  /** The newest generation that has joined; 0 for none. */
  latest(row: number): number {
    return this.#at(row).latest
  }

  find(row: number, kind: Fact['kind'], generation: number): Fact | undefined {
    return this.#at(row).facts.find((fact) => fact.kind === kind && fact.generation === generation)
  }

  /** The row with a fact more; the same where that fact exists. */
  create(row: number, fact: Fact): number {
    if (this.find(row, fact.kind, fact.generation) !== undefined) return row
    return this.of([...this.#at(row).facts, fact])
  }

  of(facts: readonly Fact[]): number {
    const key = JSON.stringify(facts)
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    const latest = Math.max(0, ...facts.map(({ kind, generation }) => (kind === 'joined' ? generation : 0)))
    this.#ids.set(key, this.#rows.length)
    return this.#rows.push({ facts, texts: facts.map(textOf), latest }) - 1
  }

  #at(row: number): Row {
    const found = this.#rows[row]
    if (found === undefined) throw new Error(`No facts have the number ${row}`)
    return found
  }
}

const textOf = (fact: Fact): string =>
  `${fact.kind}.${fact.generation}${fact.kind === 'departed' ? ` (${fact.how})` : ''}`
