/** Writes one kind of message: a codec of this package. */
interface Writer<Body> {
  encode(body: Body): Uint8Array
}

function isSame<Body extends object>(one: Body, other: Body): boolean {
  for (const key in one) if (one[key] !== other[key]) return false
  for (const key in other) if (!(key in one)) return false
  return true
}

/**
 * The frame of a message that mostly says what it said the last time: packed anew only where a field is not the same.
 * Nobody may change the bytes that it hands out.
 */
export class KeptFrame<Body extends object> {
  readonly #writer: Writer<Body>
  #body: Body | undefined
  #frame: Uint8Array | undefined

  constructor(writer: Writer<Body>) {
    this.#writer = writer
  }

  /** @param body of values that nobody changes: where each field is the same value, so is the frame */
  encode(body: Body): Uint8Array {
    if (this.#frame !== undefined && this.#body !== undefined && isSame(body, this.#body)) return this.#frame
    this.#body = body
    // By itself, so that it keeps nothing but itself.
    this.#frame = new Uint8Array(this.#writer.encode(body))
    return this.#frame
  }
}
