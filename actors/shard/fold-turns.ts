import { limits } from '@covey/protocol'
import type { Clock } from '@covey/transport'
import { type EndTurn, Turns } from './turns.js'

/** Lets a manager begin to fold its shards, a few at a time (K50). */
export class FoldTurns {
  readonly #turns: Turns
  readonly #ends = new Map<number, EndTurn>()

  constructor(clock: Clock, turnMsMax: number) {
    this.#turns = new Turns(clock, limits.shardsAtOnceMax, turnMsMax)
  }

  begin(shards: readonly { start(): void }[]): void {
    for (const [index, shard] of shards.entries()) {
      this.#turns.take((end) => {
        this.#ends.set(index, end)
        shard.start()
      })
    }
  }

  /** A shard has been folded to the end of what its log held, or cannot be. */
  end(index: number): void {
    this.#ends.get(index)?.()
  }

  /** Begins no more. */
  stop(): void {
    this.#turns.stop()
  }
}
