import { limits } from './limits.js'

/** What in a value is no plain data, which keys lead there, and what to pass in its place. */
export interface Fault {
  readonly what: string
  readonly mend: string
  /** From the whole value on. */
  readonly keys: PropertyKey[]
}

const fault = (what: string, mend: string): Fault => ({ what, mend, keys: [] })

/**
 * What of a value would arrive as something else, or not at all; `undefined` where all of it is carried. Nothing is made for
 * what is in order: a fault gets its keys on its way back.
 */
export function faultIn(value: unknown, depth = 0): Fault | undefined {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed()
        ? undefined
        : fault('a text with half a character', 'pass it.toWellFormed()')
    case 'object':
      return value === null ? undefined : faultInObject(value, depth)
    case 'bigint':
      return isOf64Bits(value) ? undefined : fault('a BigInt of more than 64 bits', 'pass it as a text')
    case 'function':
    case 'symbol':
      return fault(`a ${typeof value}`, 'leave it out')
    default:
      return undefined
  }
}

function faultInObject(value: object, depth: number): Fault | undefined {
  if (Array.isArray(value)) return faultInArray(value, depth)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && !isPlain(prototype)) {
    // biome-ignore lint/style/noRestrictedGlobals: a date that is given, and no time that is asked for.
    const isCarried = value instanceof Uint8Array || prototype === Date.prototype
    return isCarried ? undefined : faultOfInstance(value)
  }
  if (depth === limits.valueDepthMax) return tooDeep()
  // Fields that symbols name are no data, and to look for them would cost as much as to pack the rest.
  for (const key in value) {
    const part: unknown = (value as Readonly<Record<string, unknown>>)[key]
    const found = faultIn(part, depth + 1) ?? faultOfKey(key)
    // What somebody has added to the prototype of all objects is not packed.
    if (found !== undefined && Object.hasOwn(value, key)) return within(key, found)
  }
  return undefined
}

function faultInArray(value: readonly unknown[], depth: number): Fault | undefined {
  if (Object.getPrototypeOf(value) !== Array.prototype && value.constructor?.name !== 'Array')
    return faultOfInstance(value)
  if (depth === limits.valueDepthMax) return tooDeep()
  for (let key = 0; key < value.length; key += 1) {
    const part = value[key]
    if (typeof part === 'number') continue
    const found = part === undefined ? faultOfHole(value, key) : faultIn(part, depth + 1)
    if (found !== undefined) return within(key, found)
  }
  return undefined
}

/** A plain object has no class of its own; one of another realm has the same prototype under another identity. */
function isPlain(prototype: unknown): boolean {
  if (prototype === null) return true
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf')
}

const isOf64Bits = (value: bigint): boolean =>
  value === BigInt.asIntN(64, value) || value === BigInt.asUintN(64, value)

const faultOfHole = (value: readonly unknown[], key: number): Fault | undefined =>
  key in value ? undefined : fault('a hole', 'fill it, if need be with undefined')

/** Readers refuse this one name, by which a prototype could be set. */
function faultOfKey(key: string): Fault | undefined {
  if (key === '__proto__') return fault('a field of that name', 'give it another name')
  return key.isWellFormed()
    ? undefined
    : fault('a name with half a character', 'name it by key.toWellFormed()')
}

const tooDeep = (): Fault =>
  fault(
    `what lies deeper than ${limits.valueDepthMax} levels`,
    'make it flatter, such as a list that names parents',
  )

function within(key: PropertyKey, found: Fault): Fault {
  found.keys.unshift(key)
  return found
}

const mendsByClass: Readonly<Record<string, string>> = {
  Map: 'pass Object.fromEntries(it), or [...it] where its keys are no texts',
  Set: 'pass [...it]',
  RegExp: 'pass its source and its flags',
  Promise: 'await it',
  ArrayBuffer: 'pass new Uint8Array(it)',
  Uint8ClampedArray: 'pass new Uint8Array(it)',
}

/** What has a class beside those of plain data: nobody who reads it could make one of that class again. */
function faultOfInstance(value: object): Fault {
  const name = classOf(value)
  return fault(`${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`, mendsByClass[name] ?? mendOf(value))
}

function mendOf(value: object): string {
  if (value instanceof Error) return 'pass its message, or throw it'
  if (ArrayBuffer.isView(value)) return 'pass Array.from(it)'
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return 'pass it.toJSON()'
  return 'pass its data: { ...it }'
}

function classOf(value: object): string {
  const { constructor: made } = value as { readonly constructor?: unknown }
  return (typeof made === 'function' && made.name) || 'value of a class without a name'
}
