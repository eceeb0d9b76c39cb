import { limits } from '@covey/protocol'
import type { Fact } from '@covey/transport'

/** What a store adds to each record, about. */
const overheadBytes = 64

/**
 * Up to where the outbox of a shard is settled: each word there is folded, or says nothing new to the fold. And how much
 * there is of it, since it was last shortened.
 */
export class OutboxMark {
  readonly #isOpen: (token: string) => boolean
  /** Words on their way into the log by their place in the outbox, the oldest first: no more than the log's queue takes. */
  readonly #open = new Map<number, string>()
  #seen = 0
  #words = 0
  #bytes = 0

  /** @param isOpen says whether a word on a token is on its way into the log, and not folded yet */
  constructor(isOpen: (token: string) => boolean) {
    this.#isOpen = isOpen
  }

  /** A word has been read, in the order of the outbox; `token` where it is on its way into the log. */
  note({ sequence, subject, data }: Pick<Fact, 'sequence' | 'subject' | 'data'>, token?: string): void {
    // Who reads from the beginning again is told again of what is known.
    if (sequence <= this.#seen) return
    this.#seen = sequence
    this.#words += 1
    this.#bytes += overheadBytes + subject.length + data.byteLength
    if (token !== undefined) this.#open.set(sequence, token)
    this.#forgetSettled()
  }

  /** The last place up to which nothing is on its way any more. */
  get settled(): number {
    this.#forgetSettled()
    const [oldest] = this.#open.keys()
    return oldest === undefined ? this.#seen : oldest - 1
  }

  /** Whether there is more of it than is to be kept, and all of it is settled. */
  get isLong(): boolean {
    const isOver = this.#words >= limits.outboxWordsKept || this.#bytes >= limits.outboxBytesKept
    return isOver && this.settled === this.#seen
  }

  /** It has been shortened. What came since that was owed is counted by the next who reads it, or with the next that comes. */
  noteShortened(): void {
    this.#words = 0
    this.#bytes = 0
  }

  #forgetSettled(): void {
    for (const [sequence, token] of this.#open) {
      if (this.#isOpen(token)) return
      this.#open.delete(sequence)
    }
  }
}
