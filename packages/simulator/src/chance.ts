import { type Random, seededRandom } from '@covey/transport'

/** What a seed decides: whether, how long, and which. */
export class Chance {
  readonly #random: Random

  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  /** True so often of one. */
  hits(probability: number): boolean {
    return this.#random.next() < probability
  }

  /** A number between two others. */
  between(min: number, max: number): number {
    return min + this.#random.next() * (max - min)
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.#random.next() * items.length)]
    if (item === undefined) throw new Error('nothing to pick from')
    return item
  }
}
