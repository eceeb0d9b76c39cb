import type { Frame, FrameReader, Payload } from '../bus.js'

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
 * Bytes for all who are told of them. Whoever looks at them gets his own, and what a reader has made of them is kept for the
 * next who reads them in the same way: frozen, so that nobody can change what another one is told.
 */
export class SharedBytes implements Payload {
  /** Nobody else's. */
  readonly #bytes: Uint8Array
  #isForMany: boolean
  #reader: FrameReader<unknown> | undefined
  #body: unknown

  /** @param bytes are its own from now on */
  constructor(bytes: Uint8Array, isForMany: boolean) {
    this.#bytes = bytes
    this.#isForMany = isForMany
  }

  get data(): Uint8Array {
    return new Uint8Array(this.#bytes)
  }

  get size(): number {
    return this.#bytes.length
  }

  /** Somebody else will be told of them too. */
  shareOn(): void {
    this.#isForMany = true
  }

  isEqual(data: Uint8Array): boolean {
    const bytes = this.#bytes
    if (bytes.length !== data.length) return false
    for (let place = 0; place < bytes.length; place += 1) if (bytes[place] !== data[place]) return false
    return true
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

/** One frame for all who are told of it. */
export class SharedFrame implements Frame {
  readonly subject: string
  readonly #bytes: SharedBytes

  constructor(subject: string, bytes: SharedBytes) {
    this.subject = subject
    this.#bytes = bytes
  }

  get data(): Uint8Array {
    return this.#bytes.data
  }

  /** How many bytes there are. */
  get size(): number {
    return this.#bytes.size
  }

  /** More than one is told of it. */
  shareOn(): void {
    this.#bytes.shareOn()
  }

  read<Body>(reader: FrameReader<Body>): Body {
    return this.#bytes.read(reader)
  }
}
