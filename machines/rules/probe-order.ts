/** Others who are asked to ask a peer that has not answered (SWIM). */
export const relaysPerProbe = 3
/** Of all who hear the same news of a peer, so many ask it at once. */
export const corroboratorsWanted = 8

/**
 * Whose turn it is to be asked (SWIM 4.3): everybody once a round, in an order that is drawn anew for each, so that two
 * turns of one of n names are at most 2n - 1 turns apart. A newcomer takes a random place in the present round.
 */
export class ProbeOrder {
  readonly #draw: () => number
  readonly #names: string[] = []
  #turn = 0

  /** `draw` gives a number from 0 to 1, 1 excluded, and another one at each call. */
  constructor(draw: () => number) {
    this.#draw = draw
  }

  /** For a name that has no turn yet. */
  add(name: string): void {
    const place = this.#below(this.#names.length + 1)
    this.#names.splice(place, 0, name)
    // Before the present turn it would push somebody back who has been asked: then its own turn comes next round.
    if (place < this.#turn) this.#turn += 1
  }

  remove(name: string): void {
    const place = this.#names.indexOf(name)
    if (place < 0) return
    this.#names.splice(place, 1)
    if (place < this.#turn) this.#turn -= 1
  }

  /** The next in turn; `undefined` where there is nobody. */
  next(): string | undefined {
    if (this.#turn >= this.#names.length) this.#beginRound()
    const name = this.#names[this.#turn]
    this.#turn += 1
    return name
  }

  /** Up to `count` others that are fit, drawn anew each time. */
  some(count: number, isFit: (name: string) => boolean): string[] {
    const start = this.#below(this.#names.length)
    const found: string[] = []
    for (let step = 0; step < this.#names.length && found.length < count; step += 1) {
      const name = this.#names[(start + step) % this.#names.length]
      if (name !== undefined && isFit(name)) found.push(name)
    }
    return found
  }

  #beginRound(): void {
    this.#turn = 0
    for (let last = this.#names.length - 1; last > 0; last -= 1) {
      const other = this.#below(last + 1)
      const [name = '', drawn = ''] = [this.#names[last], this.#names[other]]
      this.#names[last] = drawn
      this.#names[other] = name
    }
  }

  #below(count: number): number {
    return Math.floor(this.#draw() * count)
  }
}
