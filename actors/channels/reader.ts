import { CoveyError, causesOf, isCoveyError, limits } from '@covey/protocol'

/** A message as the handler of its channel is given it. */
export interface ReceivedMessage {
  /** The node that it came from, and the run of it. */
  readonly from: string
  readonly generation: number
  readonly payload: Uint8Array
}

/** Deals with the messages of a channel; what it returns is awaited before the next of the same sender. */
export type ChannelHandler = (message: ReceivedMessage) => unknown

/** Where a reader says what has become of a message: dealt with, or why not. */
type Settle = (error?: CoveyError) => void

interface Unread {
  readonly message: ReceivedMessage
  readonly settle: Settle
}

/**
 * Reads one channel: the messages of each sender one after another, those of different senders side by side. A handler that
 * takes its time keeps the credits of who wrote to it, and nobody else waits for it (N17).
 */
export class Reader {
  readonly name: string
  readonly #handler: ChannelHandler
  /** What waits, by sender, and what each handler works on first. */
  readonly #unread = new Map<string, Unread[]>()
  #bytes = 0

  constructor(name: string, handler: ChannelHandler) {
    this.name = name
    this.#handler = handler
  }

  /** How many messages of each sender the handler has not dealt with. */
  *unread(): Iterable<readonly [string, number]> {
    for (const [sender, { length }] of this.#unread) yield [sender, length]
  }

  get isIdle(): boolean {
    return this.#unread.size === 0
  }

  take(message: ReceivedMessage, settle: Settle): void {
    const { from, payload } = message
    const unread = this.#unread.get(from) ?? []
    const isFull = unread.length >= limits.channelCreditsMax
    if (isFull || this.#bytes + payload.byteLength > limits.channelReadBytesMax) {
      settle(
        new CoveyError('overloaded', `the reader of channel ${this.name} is behind`, { address: this.name }),
      )
      return
    }
    this.#bytes += payload.byteLength
    unread.push({ message, settle })
    if (unread.length > 1) return
    this.#unread.set(from, unread)
    void this.#read(from, unread)
  }

  /** What has not been given to the handler yet never will be. */
  close(): void {
    const error = new CoveyError('not_found', `channel ${this.name} has been closed`, { address: this.name })
    for (const unread of this.#unread.values()) for (const { settle } of unread.splice(1)) settle(error)
  }

  async #read(from: string, unread: Unread[]): Promise<void> {
    for (let first = unread[0]; first !== undefined; first = unread[0]) {
      const error = await this.#handle(first.message)
      unread.shift()
      this.#bytes -= first.message.payload.byteLength
      if (unread.length === 0) this.#unread.delete(from)
      first.settle(error)
    }
  }

  async #handle(message: ReceivedMessage): Promise<CoveyError | undefined> {
    try {
      await this.#handler(message)
      return undefined
    } catch (error) {
      if (isCoveyError(error)) return error
      // What user code throws may be anything, even what cannot be made a text.
      const what = causesOf(error)[0]?.message ?? 'what is no error'
      return new CoveyError('handler_failed', `the handler of channel ${this.name} threw: ${what}`, {
        address: this.name,
      })
    }
  }
}
