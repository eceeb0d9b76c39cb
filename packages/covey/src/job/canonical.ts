const isPlain = (value: object): value is Record<string, unknown> => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/**
 * The same value with the keys of its plain objects in order, so that equal contents pack to equal bytes however they
 * were written. Dates, bytes and other instances are left to the packer.
 */
export const canonical = (value: unknown): unknown => (isCanonical(value) ? value : ordered(value))

/** Whether it is so already, as most values are: nothing need be copied. */
function isCanonical(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every(isCanonical)
  if (!isPlain(value)) return true
  let last = ''
  for (const key of Object.keys(value)) {
    if (key < last || !isCanonical(value[key])) return false
    last = key
  }
  return Object.getPrototypeOf(value) !== null
}

function ordered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(ordered)
  if (!isPlain(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, ordered(value[key])]),
  )
}
