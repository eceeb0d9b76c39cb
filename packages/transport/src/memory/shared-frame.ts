import type { Frame, FrameReader } from '../bus.js'

/**
 * Freezes plain data through and through, below what a schema has frozen too; false where bytes are in it, which cannot be
 * frozen. What is decoded has no cycles.
 */
function freeze(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (ArrayBuffer.isView(value)) return false
  Object.freeze(value)
  return Object.values(value).map(freeze).every(Boolean)
}

/**
 * One frame for all who are told of it. Whoever looks at its bytes gets his own, and what a reader has made of them is kept
 * for the next who reads it in the same way: frozen, so that nobody can change what another one is told.
 */
export class SharedFrame implements Frame {
  readonly subject: string
  /** Nobody else's. */
  readonly #bytes: Uint8Array
  readonly #isForMany: boolean
  #reader: FrameReader<unknown> | undefined
  #body: unknown

  /** @param bytes are this frame's from now on */
  constructor(subject: string, bytes: Uint8Array, isForMany: boolean) {
    this.subject = subject
    this.#bytes = bytes
    this.#isForMany = isForMany
  }

  get data(): Uint8Array {
    return new Uint8Array(this.#bytes)
  }

  /** How many bytes there are. */
  get size(): number {
    return this.#bytes.length
  }

  read<Body>(reader: FrameReader<Body>): Body {
    if (this.#reader === reader) return this.#body as Body
    const body = reader.decode(this.#bytes)
    if (!this.#isForMany || !freeze(body)) return body
    this.#reader = reader
    this.#body = body
    return body
  }
}
