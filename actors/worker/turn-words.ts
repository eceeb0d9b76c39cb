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
  readonly #isRunning: (address: string) => boolean
  readonly #endTurn: () => void
  #words = new Map<string, ShardWord>()
  #patient: [address: string, word: ShardWord][] = []
  #timer: unknown
  #isOver = false

  /**
   * @param isRunning says whether the code of an attempt has not returned
   * @param endTurn is to call {@link TurnWords.take} at the end of the present turn
   */
  constructor(clock: Clock, isRunning: (address: string) => boolean, endTurn: () => void) {
    this.#clock = clock
    this.#isRunning = isRunning
    this.#endTurn = endTurn
  }

  /** Says a word of the attempt under `address`; with `prompt` false it may wait for the next turn. */
  say(address: string, shard: number, word: AttemptWord, prompt: boolean): void {
    if (this.#isOver) return
    if (prompt) {
      this.#words.set(address, { shard, word })
      this.#endTurn()
      return
    }
    this.#patient.push([address, { shard, word }])
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
    this.#patient = []
    this.#clock.clearTimeout(this.#timer)
  }

  readonly #onNextTurn = (): void => {
    this.#timer = undefined
    const patient = this.#patient
    this.#patient = []
    for (const [address, word] of patient) if (this.#isRunning(address)) this.#words.set(address, word)
    if (this.#words.size > 0) this.#endTurn()
  }
}
