import type { AttemptWord, ShardWord } from '@covey/machines'
import type { Clock } from '@covey/transport'

/**
 * Gathers what attempts say, so that one turn of the event loop makes one message. That an attempt runs is not worth
 * a message of its own: it waits for the next turn, and is left out where the attempt has ended by then.
 */
export class TurnWords {
  readonly #clock: Clock
  readonly #flushSoon: () => void
  readonly #words = new Map<string, ShardWord>()
  #timer: unknown
  #isOver = false

  /** @param flushSoon is to call {@link TurnWords.take} at the end of the present turn */
  constructor(clock: Clock, flushSoon: () => void) {
    this.#clock = clock
    this.#flushSoon = flushSoon
  }

  /** Says a word of the attempt under `address`; with `prompt` false it may wait for the next turn. */
  say(address: string, shard: number, word: AttemptWord, prompt: boolean): void {
    if (this.#isOver) return
    this.#words.set(address, { shard, word })
    if (prompt) this.#flushSoon()
    else this.#timer ??= this.#clock.setTimeout(this.#onNextTurn, 0)
  }

  /** Hands over what has been said since the last time. */
  take(): ShardWord[] {
    const words = [...this.#words.values()]
    this.#words.clear()
    return words
  }

  close(): void {
    this.#isOver = true
    this.#words.clear()
    this.#clock.clearTimeout(this.#timer)
  }

  readonly #onNextTurn = (): void => {
    this.#timer = undefined
    if (this.#words.size > 0) this.#flushSoon()
  }
}
