import { PairMap } from './pair-map.js'

/** All sets of small whole numbers that occur, as numbers; 0 is the empty one. Each change is worked out once. */
export class NumberSets {
  readonly #sets: (readonly number[])[] = []
  readonly #ids = new Map<string, number>()
  readonly #with = new PairMap<number>()

  constructor() {
    this.of([])
  }

  of(numbers: readonly number[]): number {
    const sorted = [...new Set(numbers)].sort((one, other) => one - other)
    const key = sorted.join()
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    this.#ids.set(key, this.#sets.length)
    return this.#sets.push(sorted) - 1
  }

  at(set: number): readonly number[] {
    return this.#sets[set] as readonly number[]
  }

  with(set: number, number: number): number {
    const known = this.#with.get(set, number)
    if (known !== undefined) return known
    const wider = this.of([...this.at(set), number])
    this.#with.set(set, number, wider)
    return wider
  }

  /** Both together. */
  union(set: number, other: number): number {
    if (other === 0) return set
    return this.at(other).reduce((all, number) => this.with(all, number), set)
  }
}
