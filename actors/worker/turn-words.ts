import type { AttemptWord, ShardWord } from '@covey/machines'
import type { Clock } from '@covey/transport'

/** The shortest time that a timer of Node takes: by then the code of a short function has returned. */
const nextTurnMs = 1

/**
 * Gathers what attempts say, so that one turn of the event loop makes one message. That an attempt runs is not worth
 * a message of its own: it waits for the next turn, and is left out where the attempt has ended by then.
 */
export class TurnWords {
  readonly #clock: Clock
  readonly #endTurn: () => void
  #words = new Map<string, ShardWord>()
  #patient = new Map<string, ShardWord>()
  #timer: unknown
  #isOver = false

  /** @param endTurn is to call {@link TurnWords.take} at the end of the present turn */
  constructor(clock: Clock, endTurn: () => void) {
    this.#clock = clock
    this.#endTurn = endTurn
  }

  /** Says a word of the attempt under `address`; with `prompt` false it may wait for the next turn. */
  say(address: string, shard: number, word: AttemptWord, prompt: boolean): void {
    if (this.#isOver) return
    if (prompt) {
      this.#patient.delete(address)
      this.#words.set(address, { shard, word })
      this.#endTurn()
      return
    }
    this.#patient.set(address, { shard, word })
    this.#timer ??= this.#clock.setTimeout(this.#onNextTurn, nextTurnMs)
  }

  /** Hands over what is to be said at the end of this turn. */
  take(): ShardWord[] {
    const words = [...this.#words.values()]
    // A new map: what was in a cleared one is kept by it for longer than by nothing.
    this.#words = new Map()
    return words
  }

  close(): void {
    this.#isOver = true
    this.#words.clear()
    this.#patient.clear()
    this.#clock.clearTimeout(this.#timer)
  }

  readonly #onNextTurn = (): void => {
    this.#timer = undefined
    for (const [address, word] of this.#patient) this.#words.set(address, word)
    this.#patient = new Map()
    if (this.#words.size > 0) this.#endTurn()
  }
}
