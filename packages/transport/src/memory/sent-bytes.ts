import { limits } from '@covey/protocol'
import { SharedBytes } from './shared-frame.js'

interface Held {
  /** What the sender gave, which is his: he may have written something else into it (K51). */
  readonly data: Uint8Array
  readonly bytes: SharedBytes
}

/**
 * What one process has sent lately. Where it sends the same bytes once more they are not copied again, nor decoded again
 * by who reads them.
 */
export class SentBytes {
  readonly #held: Held[] = []
  #next = 0

  /** The bytes as they are now. */
  take(data: Uint8Array): SharedBytes {
    for (const held of this.#held) {
      if (held.data !== data || !held.bytes.isEqual(data)) continue
      held.bytes.shareOn()
      return held.bytes
    }
    // By its constructor: the `slice` of a `Buffer` would share them.
    const bytes = new SharedBytes(new Uint8Array(data), false)
    this.#held[this.#next] = { data, bytes }
    this.#next = (this.#next + 1) % limits.sentFramesHeldMax
    return bytes
  }
}
