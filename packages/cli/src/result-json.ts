import { CoveyError } from '@covey/protocol'

/** What JSON has no form of: bytes become base64, whole numbers beyond those of JavaScript their digits. */
function plain(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
  return typeof value === 'bigint' ? String(value) : value
}

/** A document with results of users in it. Throws `too_large` where no text has room for it. */
export function resultJson(document: unknown, indent = 0): string {
  try {
    return JSON.stringify(document, plain, indent)
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new CoveyError('too_large', `the result is too large to be written as JSON: ${cause.message}`, {
      mend: '--json writes it without indentation, and a program has it as it is, by client.result()',
      cause,
    })
  }
}
