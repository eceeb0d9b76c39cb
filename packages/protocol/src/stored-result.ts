import { z } from 'zod'
import { packValue, unpackValue } from './codec.js'
import { CoveyError } from './errors.js'
import { limits } from './limits.js'
import { countSchema, tokenSchema } from './schemas.js'
import type { TokenText } from './token.js'

/** What tells a whole object from a part of one. */
export interface ObjectName {
  readonly parts: number
  readonly bytes: number
  /** SHA-256 of its bytes, in hexadecimal. */
  readonly digest: string
}

/** A result that is too large for a message: in the object store, under the token of the attempt that had it (K36). */
export interface StoredResult extends ObjectName {
  readonly token: TokenText
}

/** The one byte with which no packed value begins: msgpack never uses it. */
const mark = 0xc1

const namedSchema = z.tuple([
  tokenSchema,
  countSchema.max(limits.resultPartsMax),
  countSchema.max(limits.resultBytesMax),
  z.string().regex(/^[0-9a-f]{64}$/),
])

/** What stands in the place of the packed bytes of a result that is in the object store. */
export function packStored({ token, parts, bytes, digest }: StoredResult): Uint8Array {
  const packed = packValue([token, parts, bytes, digest])
  const marked = new Uint8Array(packed.byteLength + 1)
  marked[0] = mark
  marked.set(packed, 1)
  return marked
}

/** What a result names; `undefined` where it is itself, or nothing that can be read. */
export function storedIn(result: Uint8Array): StoredResult | undefined {
  if (result[0] !== mark) return undefined
  try {
    const named = namedSchema.safeParse(unpackValue(result.subarray(1)))
    if (!named.success) return undefined
    const [token, parts, bytes, digest] = named.data
    return { token, parts, bytes, digest }
  } catch (error) {
    if (error instanceof CoveyError) return undefined
    throw error
  }
}

/** Bytes of a result, wherever they are. */
export const resultBytes = (result: Uint8Array): number => storedIn(result)?.bytes ?? result.byteLength
