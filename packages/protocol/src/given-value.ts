import { packValue } from './codec.js'

/** Where a part of a value is; it is spelt only where it is named. */
interface Place {
  readonly within: Place | undefined
  readonly key: unknown
}

function spelt(place: Place | undefined): string {
  const keys: string[] = []
  for (let at = place; at !== undefined; at = at.within) keys.unshift(String(at.key))
  return keys.length === 0 ? '' : ` at ${keys.join('.')}`
}

/** What is written as the bytes that it holds. */
const isBytes = (view: ArrayBufferView): boolean =>
  view instanceof Uint8Array || view instanceof Uint8ClampedArray

/** The packer writes an instance with a `toJSON` as what that makes of it, and a plain object as its fields. */
const hasOwnForm = (value: object): boolean =>
  value.constructor !== Object && typeof (value as { readonly toJSON?: unknown }).toJSON === 'function'

/**
 * Refuses a `DataView`, and a typed array of numbers other than bytes: the packer makes one byte of each number, and fills
 * the rest with what lay in its memory before.
 */
function refuseViews(value: unknown, place?: Place): void {
  if (typeof value !== 'object' || value === null) return
  if (ArrayBuffer.isView(value)) {
    if (!isBytes(value)) throw new TypeError(`a ${value.constructor.name}${spelt(place)} is no plain data`)
  } else if (Array.isArray(value)) {
    for (let key = 0; key < value.length; key += 1) refuseViewsIn(value[key], place, key)
  } else if (value instanceof Map || value instanceof Set) {
    for (const [key, part] of value.entries()) refuseViewsIn(part, place, key)
  } else if (!hasOwnForm(value)) {
    for (const [key, part] of Object.entries(value)) refuseViewsIn(part, place, key)
  }
}

/** Most parts are no objects, and take no place. */
function refuseViewsIn(part: unknown, within: Place | undefined, key: unknown): void {
  if (typeof part === 'object' && part !== null) refuseViews(part, { within, key })
}

/**
 * Packs a value of a user: an input, a result, a progress report, a message. Throws on what would arrive as something else
 * without a word: a typed array other than of bytes, whose numbers `Array.from` takes out.
 */
export function packGiven(value: unknown): Uint8Array {
  refuseViews(value)
  return packValue(value)
}
