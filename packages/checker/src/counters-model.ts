import type { Field, Model, State, Walk } from './model.js'
import { Words } from './words.js'

/** Two counters that count to `most` in every order: what it costs to look at states of which nothing is to be known. */
export class CountersModel implements Model {
  readonly name = 'two counters'
  readonly fields: readonly Field[] = ['one', 'other'].map((name) => ({ name, bits: 20 }))
  readonly actions = new Words()
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  start(): readonly number[] {
    return [0, 0]
  }

  successors(state: State, walk: Walk): void {
    for (const counter of [0, 1]) {
      const count = state[counter] as number
      if (count === this.#most) continue
      walk.begin()[counter] = count + 1
      walk.reach(counter)
    }
  }

  violation(): undefined {
    return undefined
  }

  isQuiet(state: State): boolean {
    return state.every((count) => count === this.#most)
  }

  tell(state: State): readonly string[] {
    return [`counts: ${state.join(', ')}`]
  }
}
