import { type HealthNews, healthAfter } from '@covey/machines'

/** How well this node is, by what it has noticed about itself: it doubts itself before it votes (Lifeguard). */
export class OwnHealth {
  #value = 0

  get value(): number {
    return this.#value
  }

  note(news: HealthNews): void {
    this.#value = healthAfter(this.#value, news)
  }
}
