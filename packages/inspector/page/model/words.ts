import type { Place } from '@covey/protocol'

const pad = (value: number, width = 2): string => String(value).padStart(width, '0')

/** The time of day with milliseconds, in the reader's time zone. */
export function timeText(epochMs: number): string {
  const date = new Date(epochMs)
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`
}

const steps = [
  [1_000, 'ms'],
  [60, 's'],
  [60, 'min'],
  [24, 'h'],
] as const

/** A duration in its largest whole unit: `240 ms`, `12 s`, `3 min`, `5 h`, `2 d`. */
export function durationText(durationMs: number): string {
  let rest = Math.max(0, durationMs)
  for (const [size, unit] of steps) {
    if (rest < size) return `${Math.floor(rest)} ${unit}`
    rest /= size
  }
  return `${Math.floor(rest)} d`
}

/** How long ago something was; what is a moment ago, or ahead by the difference of two clocks, is `now`. */
export const agoText = (sinceMs: number, nowMs: number): string =>
  nowMs - sinceMs < 1_000 ? 'now' : durationText(nowMs - sinceMs)

/** For how long an actor has been in its state: at least so long where that began before anybody looked. */
export const stayText = (
  { sinceMs, isOlder }: { readonly sinceMs: number; readonly isOlder?: true },
  nowMs: number,
): string => `${isOlder === true ? '≥ ' : ''}${durationText(nowMs - sinceMs)}`

/** Where a transition stands. */
export const placeText = (at: Place): string =>
  'local' in at ? `#${at.local}` : `${at.shard}:${at.sequence}.${at.index}`

/** A number with separators. */
export const countText = (value: number): string => value.toLocaleString('en')

/** A number of bytes. */
export function bytesText(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`
  return bytes < 1_048_576 ? `${(bytes / 1_024).toFixed(1)} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`
}

/** The words of a filter as somebody typed it. */
export const filterWords = (filter: string): readonly string[] =>
  filter.toLowerCase().split(/\s+/).filter(Boolean)

/** Whether each of some words is somewhere in a text. */
export function hasWords(text: string, words: readonly string[]): boolean {
  const lower = text.toLowerCase()
  return words.every((word) => lower.includes(word))
}
