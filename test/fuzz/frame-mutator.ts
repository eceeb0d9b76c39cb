import { limits, packValue, unpackValue } from '@covey/protocol'
import type { Random } from '@covey/transport'

/** Values that no schema expects: of other types, beyond limits, hostile to who looks at them. */
const oddValues: readonly unknown[] = [
  null,
  true,
  -1,
  0.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.MAX_SAFE_INTEGER + 2,
  2n ** 63n,
  '',
  'a b',
  '../..',
  '\u0000',
  '\ud800',
  'x'.repeat(5_000),
  [],
  {},
  [[[[[[[[]]]]]]]],
  { toString: 1, valueOf: 1 },
  { constructor: null, hasOwnProperty: 1, length: -1 },
  new Uint8Array(3),
  new Uint8Array(limits.inlineBytesMax + 1),
  new Date(Number.NaN),
  new Map([[1, 2]]),
  new Set([1]),
  /x/,
  new Error('x'),
]

/** Starts of msgpack that promises more than there is, extends it, nests, or speaks a dialect of it. */
const oddHeads: readonly (readonly number[])[] = [
  [0xc1],
  [0xdd, 0x01, 0xff, 0xff, 0xff],
  [0xdf, 0xff, 0xff, 0xff, 0xff],
  [0xdb, 0xff, 0xff, 0xff, 0xff],
  [0xc6, 0x7f, 0xff, 0xff, 0xff],
  [0xdc, 0xff, 0xff],
  [0xd4, 0x72, 0x40],
  [0xd6, 0xff, 0x00, 0x00, 0x00, 0x00],
  [0xc7, 0x03, 0x78, 0x92, 0xa1, 0x28],
  [0xd4, 0x00, 0x00],
  [0x93, 0x01],
]

/** Makes bad frames from good ones. The same chance gives the same frames. */
export class FrameMutator {
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  /** One frame, made from a valid one or from nothing; sometimes it is still a valid one. */
  next(valid: Uint8Array): Uint8Array {
    const chance = this.#random.next()
    if (chance < 0.25) return this.#flipped(valid)
    if (chance < 0.35) return valid.slice(0, this.#below(valid.length))
    if (chance < 0.45) return this.#noise(this.#below(200))
    if (chance < 0.55) return this.#spliced(valid)
    if (chance < 0.56) return this.#noise(limits.payloadBytesMax)
    if (chance < 0.562) return this.#nested()
    if (chance < 0.62) return packValue(this.#odd())
    return this.#replaced(valid)
  }

  #below(bound: number): number {
    return Math.floor(this.#random.next() * bound)
  }

  #one<Item>(items: readonly Item[]): Item {
    return items[this.#below(items.length)] as Item
  }

  #odd(): unknown {
    return this.#one(oddValues)
  }

  #noise(length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    // Noise beyond some hundred bytes shows nothing that its length does not.
    for (let index = 0; index < Math.min(length, 400); index += 1) bytes[index] = this.#below(256)
    return bytes
  }

  #flipped(valid: Uint8Array): Uint8Array {
    const bytes = Uint8Array.from(valid)
    for (let count = 1 + this.#below(4); count > 0; count -= 1)
      bytes[this.#below(bytes.length)] = this.#below(256)
    return bytes
  }

  /** Bytes put in, which shifts what follows, or others that stand for them. */
  #spliced(valid: Uint8Array): Uint8Array {
    const at = this.#below(valid.length)
    const from = at + this.#below(3)
    return Uint8Array.from([...valid.slice(0, at), ...this.#one(oddHeads), ...valid.slice(from)])
  }

  #nested(): Uint8Array {
    const head = this.#one([[0x91], [0x81, 0xa1, 0x61], [0xdc, 0xff, 0xff], [0xdd, 0x00, 0xff, 0xff, 0xff]])
    return Uint8Array.from({ length: 40_000 }, (_, index) => head[index % head.length] ?? 0)
  }

  /** The same message with one of its values replaced, left out, doubled, or with one too many. */
  #replaced(valid: Uint8Array): Uint8Array {
    const frame = unpackValue(valid) as unknown[]
    let node: unknown = frame
    for (;;) {
      const keys = Object.keys(node as object)
      const key = this.#one(keys)
      const holder = node as Record<string, unknown>
      const value = holder[key]
      const isBranch = typeof value === 'object' && value !== null && !(value instanceof Uint8Array)
      if (isBranch && Object.keys(value).length > 0 && this.#random.next() < 0.8) {
        node = value
        continue
      }
      this.#spoil(holder, key)
      return packValue(frame)
    }
  }

  #spoil(holder: Record<string, unknown>, key: string): void {
    const chance = this.#random.next()
    if (chance < 0.15) delete holder[key]
    else if (chance < 0.25) holder[`${key}x`] = this.#odd()
    else if (chance < 0.35) holder[key] = [holder[key], holder[key]]
    else holder[key] = this.#odd()
  }
}
