import { Packr } from 'msgpackr'
import type { z } from 'zod'
import { defineCheck, refuse } from './door-check.js'
import { CoveyError } from './errors.js'
import { Misfit } from './misfit.js'
import type { Form } from './row.js'
import { formOf } from './rows.js'

/**
 * The version of an envelope `[version, kind, body]`: what goes in thousands a second has rows in its body, all other
 * bodies are maps throughout. A frame of another version than that of its kind is refused, never guessed at.
 */
const wireVersions = { maps: 1, rows: 2 } as const

// Plain maps, readable from every language; copied buffers, so that a kept value does not pin its socket chunk.
const packr = new Packr({ useRecords: false, copyBuffers: true })

/** One kind of message: how it is written, and how it is checked at the door. */
export interface MessageCodec<Kind extends string, Body> {
  readonly kind: Kind
  /** The version of its envelope. */
  readonly version: number
  /** What its body must be, once its rows are maps again. */
  readonly schema: z.ZodType
  /** Writes the frame `[version, kind, body]`. The body is trusted: it is ours. */
  encode(body: Body): Uint8Array
  /** Reads and checks a frame. Throws `invalid_message` with what was wrong and where. */
  decode(bytes: Uint8Array): Body
  /** Checks a body that is already unpacked, of a frame of `frameBytes`. Throws `invalid_message`. */
  check(body: unknown, frameBytes?: number): Body
}

/** Packs any plain value (an input, a result, a progress report) as portable msgpack. */
export const packValue = (value: unknown): Uint8Array => packr.pack(value === undefined ? null : value)

/** Of a Buffer msgpackr would make Buffers, which V8 makes five times as slowly as plain bytes. */
const plainBytes = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

/**
 * Where short values are read from, one after the other: msgpackr makes a view of each array that it reads, for which V8
 * moves a short one out of its heap first, and that costs five times what reading it does. Nothing that was read points here.
 */
const desk = new Uint8Array(512)

function unpack(bytes: Uint8Array): unknown {
  if (bytes.length > desk.length) return packr.unpack(plainBytes(bytes))
  desk.set(bytes)
  // What was read before is none of this one's business, whatever it says of its length.
  desk.fill(0, bytes.length)
  return packr.unpack(desk, bytes.length)
}

/**
 * Unpacks what {@link packValue} packed; bytes in it are plain `Uint8Array`s. Throws `invalid_message` on what is not
 * msgpack.
 */
export function unpackValue(bytes: Uint8Array): unknown {
  try {
    return unpack(bytes)
  } catch (cause) {
    throw new CoveyError('invalid_message', 'the bytes are not msgpack', { cause })
  }
}

/** Unpacks values that were packed one after the other. Throws `invalid_message` on bytes that are not msgpack. */
export function unpackValues(bytes: Uint8Array, take: (value: unknown) => void): void {
  try {
    packr.unpackMultiple(plainBytes(bytes), (value: unknown) => {
      take(value)
    })
  } catch (cause) {
    if (cause instanceof CoveyError) throw cause
    throw new CoveyError('invalid_message', 'the bytes are not msgpack', { cause })
  }
}

interface Envelope {
  readonly frameBytes: number
  readonly version: number
  readonly kind: string
  readonly body: unknown
}

function openEnvelope(expected: string, bytes: Uint8Array): Envelope {
  const frame = unpackValue(bytes)
  if (!Array.isArray(frame) || frame.length !== 3)
    return refuse(expected, 'the frame is not [version, kind, body]')
  const [version, kind, body] = frame as [unknown, unknown, unknown]
  // Only of a number is it certain that it can be spelt: a value from outside may throw when it is made a text.
  if (typeof version !== 'number') return refuse(expected, 'the version is not a number')
  if (typeof kind !== 'string') return refuse(expected, 'the kind is not a text')
  return { frameBytes: bytes.length, version, kind, body }
}

/** The body of an envelope, whose kind is known by now. */
function bodyOf({ frameBytes, version, body }: Envelope, codec: AnyCodec): unknown {
  if (version !== codec.version) return refuse(codec.kind, `version ${version} is not ${codec.version}`)
  return codec.check(body, frameBytes)
}

function readRows(form: Form, kind: string, body: unknown): unknown {
  try {
    return form.read(body)
  } catch (cause) {
    if (!(cause instanceof Misfit)) throw cause
    return refuse(kind, `${cause.path.join('.')}: ${cause.message}`, cause)
  }
}

/** Makes the codec of one kind of message from its schema. */
export function defineMessage<Kind extends string, Body>(
  kind: Kind,
  schema: z.ZodType<Body>,
): MessageCodec<Kind, Body> {
  const fits = defineCheck(kind, schema)
  const form = formOf(schema)
  const codec: MessageCodec<Kind, Body> = {
    kind,
    version: form === undefined ? wireVersions.maps : wireVersions.rows,
    schema,
    encode: (body) => packr.pack([codec.version, kind, form === undefined ? body : form.write(body)]),
    decode(bytes) {
      const envelope = openEnvelope(kind, bytes)
      if (envelope.kind !== kind) return refuse(kind, `the kind is ${envelope.kind.slice(0, 64)}`)
      return bodyOf(envelope, codec) as Body
    },
    check: (body, frameBytes) => fits(form === undefined ? body : readRows(form, kind, body), frameBytes),
  }
  return codec
}

interface AnyCodec {
  readonly kind: string
  readonly version: number
  check(body: unknown, frameBytes?: number): unknown
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
      const envelope = openEnvelope(name, bytes)
      const { kind } = envelope
      const codec = byKind.get(kind)
      if (codec === undefined) return refuse(name, `the kind ${kind.slice(0, 64)} is not known here`)
      return { kind, body: bodyOf(envelope, codec) } as Tagged<Codecs[number]>
    },
  }
}
