import { limits } from '@covey/protocol'

/** What one walk may still write. */
interface Room {
  characters: number
}

const more = (count: number): string => `… ${count} more`

function textOf(text: string, room: Room): string {
  const max = Math.min(limits.inspectTextMax, Math.max(0, room.characters))
  room.characters -= Math.min(text.length, max)
  return text.length <= max ? text : `${text.slice(0, max)}${more(text.length - max)}`
}

function listOf(entries: readonly unknown[], depth: number, room: Room): unknown[] {
  const shown: unknown[] = []
  for (const entry of entries) {
    if (shown.length === limits.inspectEntriesMax || room.characters <= 0) break
    shown.push(plain(entry, depth + 1, room))
  }
  return shown.length === entries.length ? shown : [...shown, more(entries.length - shown.length)]
}

function fieldsOf(entries: readonly (readonly [unknown, unknown])[], depth: number, room: Room): unknown {
  const shown: [string, unknown][] = []
  for (const [key, value] of entries) {
    if (shown.length === limits.inspectEntriesMax || room.characters <= 0) break
    shown.push([textOf(String(key), room), plain(value, depth + 1, room)])
  }
  if (shown.length < entries.length) shown.push(['…', more(entries.length - shown.length)])
  return Object.fromEntries(shown)
}

/** What of a value can be told as JSON: bytes by their number, other objects by their name, the rest cut at its limits. */
function plain(value: unknown, depth: number, room: Room): unknown {
  room.characters -= 8
  if (typeof value === 'string') return textOf(value, room)
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value
  if (value === undefined) return null
  if (typeof value !== 'object') return textOf(String(value), room)
  if (value instanceof Uint8Array) return { bytes: value.byteLength }
  if (depth >= limits.inspectDepthMax) return '…'
  if (Array.isArray(value)) return listOf(value, depth, room)
  if (value instanceof Set) return listOf([...value], depth, room)
  if (value instanceof Map) return fieldsOf([...value], depth, room)
  if (value instanceof Error) return textOf(`${value.name}: ${value.message}`, room)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null)
    return fieldsOf(Object.entries(value), depth, room)
  return `[${value.constructor.name}]`
}

/** The context of a chart as JSON of at most `inspectContextTextMax` characters; what is left out is counted in it. */
export function contextJson(context: unknown): string {
  // Half of it: escapes and punctuation take room as well.
  const json = JSON.stringify(plain(context, 0, { characters: limits.inspectContextTextMax / 2 }))
  return json.length <= limits.inspectContextTextMax ? json : JSON.stringify(more(json.length))
}
