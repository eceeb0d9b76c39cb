import { limits } from '@covey/protocol'

/** From so many bytes on a result goes by the object store (K36). */
export const largeBytesMin: number = limits.inlineBytesMax + 1

/** What an attempt gives beside its number: bytes that no other attempt gives. */
export const bodyOf = (token: string, bytes: number): Buffer => Buffer.alloc(bytes, `${token} `)

/** Whether what was given is the body of this attempt, to the byte; a small result has none. */
export const isBodyOf = (body: unknown, token: string, bytes: number): boolean =>
  bytes === 0 ? body === undefined : body instanceof Uint8Array && bodyOf(token, bytes).equals(body)
