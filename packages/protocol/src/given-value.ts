import { packValue } from './codec.js'
import { limits } from './limits.js'
import { type Fault, faultIn } from './plain-data.js'

function spelt(keys: readonly PropertyKey[]): string {
  const path = keys.map(String).join('.')
  return path.length > limits.reasonTextMax ? `${path.slice(0, limits.reasonTextMax)}…` : path
}

/** Thrown for a value that is no plain data: the message says what is not, and where in it. */
export class UnfitValue extends TypeError {
  /** What to pass in its place. */
  readonly mend: string

  constructor({ what, mend, keys }: Fault) {
    super(`${what}${keys.length === 0 ? '' : ` at ${spelt(keys)}`} is no plain data`)
    this.mend = mend
  }
}

/** Where a value that is too deep comes back to itself: the keys that lead there. */
function circleIn(value: unknown, keys: readonly PropertyKey[]): PropertyKey[] | undefined {
  const above = new Set<unknown>()
  let part = value
  for (const [level, key] of keys.entries()) {
    if (above.has(part)) return keys.slice(0, level)
    above.add(part)
    part = (part as Readonly<Record<PropertyKey, unknown>>)[key]
  }
  return undefined
}

/** Refuses what would arrive as something else, or not at all. Throws {@link UnfitValue}. */
export function refuseUnfit(value: unknown): void {
  const fault = faultIn(value)
  if (fault === undefined) return
  const keys = fault.keys.length < limits.valueDepthMax ? undefined : circleIn(value, fault.keys)
  if (keys === undefined) throw new UnfitValue(fault)
  throw new UnfitValue({ what: 'a value within itself', mend: 'name it there, such as by an id', keys })
}

/**
 * Packs a value of a user: an input, a result, a progress report, a message. What is packed is read again as what it was, but
 * for a `Buffer`, which is read as the `Uint8Array` that it is, for -0, which is 0, and for nothing at all, which is `null`.
 * Throws {@link UnfitValue} for all else (ADR 83).
 */
export function packGiven(value: unknown): Uint8Array {
  refuseUnfit(value)
  return packValue(value)
}
