import { Packr } from 'msgpackr'
import type { z } from 'zod'
import { defineCheck, refuse } from './door-check.js'
import { CoveyError } from './errors.js'

/** The version of the envelope `[version, kind, body]`. A frame of another version is refused, never guessed at. */
export const wireVersion = 1

// Plain maps, readable from every language; copied buffers, so that a kept value does not pin its socket chunk.
const packr = new Packr({ useRecords: false, copyBuffers: true })

/** One kind of message: how it is written, and how it is checked at the door. */
export interface MessageCodec<Kind extends string, Body> {
  readonly kind: Kind
  /** What its body must be on the wire. */
  readonly schema: z.ZodType
  /** Writes the frame `[version, kind, body]`. The body is trusted: it is ours. */
  encode(body: Body): Uint8Array
  /** Reads and checks a frame. Throws `invalid_message` with what was wrong and where. */
  decode(bytes: Uint8Array): Body
  /** Checks a body that is already unpacked. Throws `invalid_message`. */
  check(body: unknown): Body
}

/** Packs any plain value (an input, a result, a progress report) as portable msgpack. */
export const packValue = (value: unknown): Uint8Array => packr.pack(value === undefined ? null : value)

/** Unpacks what {@link packValue} packed. Throws `invalid_message` on bytes that are not msgpack. */
export function unpackValue(bytes: Uint8Array): unknown {
  try {
    return packr.unpack(bytes)
  } catch (cause) {
    throw new CoveyError('invalid_message', 'the bytes are not msgpack', { cause })
  }
}

/** Unpacks values that were packed one after the other. Throws `invalid_message` on bytes that are not msgpack. */
export function unpackValues(bytes: Uint8Array, take: (value: unknown) => void): void {
  try {
    packr.unpackMultiple(bytes, (value: unknown) => {
      take(value)
    })
  } catch (cause) {
    if (cause instanceof CoveyError) throw cause
    throw new CoveyError('invalid_message', 'the bytes are not msgpack', { cause })
  }
}

function openEnvelope(expected: string, bytes: Uint8Array): { kind: string; body: unknown } {
  const frame = unpackValue(bytes)
  if (!Array.isArray(frame) || frame.length !== 3)
    return refuse(expected, 'the frame is not [version, kind, body]')
  const [version, kind, body] = frame as [unknown, unknown, unknown]
  // Only of a number is it certain that it can be spelt: a value from outside may throw when it is made a text.
  if (typeof version !== 'number') return refuse(expected, 'the version is not a number')
  if (version !== wireVersion) return refuse(expected, `version ${version} is not ${wireVersion}`)
  if (typeof kind !== 'string') return refuse(expected, 'the kind is not a text')
  return { kind, body }
}

/** Makes the codec of one kind of message from its schema. */
export function defineMessage<Kind extends string, Body>(
  kind: Kind,
  schema: z.ZodType<Body>,
): MessageCodec<Kind, Body> {
  const check = defineCheck(kind, schema)
  return {
    kind,
    schema,
    encode: (body) => packr.pack([wireVersion, kind, body]),
    decode(bytes) {
      const envelope = openEnvelope(kind, bytes)
      if (envelope.kind !== kind) return refuse(kind, `the kind is ${envelope.kind.slice(0, 64)}`)
      return check(envelope.body)
    },
    check,
  }
}

interface AnyCodec {
  readonly kind: string
  check(body: unknown): unknown
}

type Tagged<Codec> =
  Codec extends MessageCodec<infer Kind, infer Body> ? { readonly kind: Kind; readonly body: Body } : never

/**
 * Makes one door for several kinds that share a subject: `decode` tells which one came.
 * Throws `invalid_message` for a kind that is not among them.
 */
export function defineDoor<const Codecs extends readonly AnyCodec[]>(name: string, codecs: Codecs) {
  const byKind = new Map(codecs.map((codec) => [codec.kind, codec]))
  return {
    decode(bytes: Uint8Array): Tagged<Codecs[number]> {
      const { kind, body } = openEnvelope(name, bytes)
      const codec = byKind.get(kind)
      if (codec === undefined) return refuse(name, `the kind ${kind.slice(0, 64)} is not known here`)
      return { kind, body: codec.check(body) } as Tagged<Codecs[number]>
    },
  }
}
