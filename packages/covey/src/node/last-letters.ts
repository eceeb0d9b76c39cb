import type { DeadLetter } from '@covey/engine'
import { type DeadLetterView, limits } from '@covey/protocol'

const cut = (text: string): string => text.slice(0, limits.actorTextMax)

/**
 * The dead letters of a node that came last, for who inspects it: whom they were for, of which type they were, and why
 * they reached nobody. What was in them is not kept.
 */
export class LastLetters {
  readonly #wallNow: () => number
  readonly #letters: DeadLetterView[] = []

  /** @param wallNow the wall clock in milliseconds, for people to read */
  constructor(wallNow: () => number) {
    this.#wallNow = wallNow
  }

  take({ address, event, reason }: DeadLetter): void {
    this.#letters.push({ atMs: this.#wallNow(), actor: cut(address), event: cut(event.type), reason })
    if (this.#letters.length > limits.inspectLettersMax) this.#letters.shift()
  }

  /** The newest first. */
  all(): DeadLetterView[] {
    return this.#letters.toReversed()
  }
}
