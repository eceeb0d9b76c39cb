import { statisticsUnits, unpackStatistics, unpackWindow } from '@covey/protocol'
import type { StatisticsWindow } from 'covey'
import { isNewer } from './token-order.js'

/** A value that was set, when, and by which attempt. */
interface Setting {
  readonly value: number
  readonly atMs: number
  readonly token: string
}

/** Values that were recorded, as whole units. */
interface Recorded {
  readonly count: number
  readonly units: number
  readonly min: number
  readonly max: number
}

/** How long a window is (`docs/workflows.md`). */
const windowMs = 10_000

/** When the window of a moment began. */
export const windowOf = (atMs: number): number => Math.floor(atMs / windowMs) * windowMs

/** A number as whole units. */
export const inUnits = (value: number): number => Math.round(value * statisticsUnits)

const isLater = (one: Setting, other: Setting): boolean =>
  one.atMs === other.atMs ? !isNewer(other.token, one.token) : one.atMs > other.atMs

/** What was counted, by window and name, summed up by no code of the cluster. */
export class Tally {
  readonly #counters = new Map<string, number>()
  readonly #gauges = new Map<string, Setting>()
  readonly #histograms = new Map<string, Recorded>()

  add(startMs: number, name: string, units: number): void {
    this.#add(`${startMs} ${name}`, units)
  }

  set(startMs: number, name: string, setting: Setting): void {
    this.#set(`${startMs} ${name}`, setting)
  }

  record(startMs: number, name: string, recorded: Recorded): void {
    this.#record(`${startMs} ${name}`, recorded)
  }

  /** Adds what another attempt has counted. */
  merge(other: Tally): void {
    for (const [key, units] of other.#counters) this.#add(key, units)
    for (const [key, setting] of other.#gauges) this.#set(key, setting)
    for (const [key, recorded] of other.#histograms) this.#record(key, recorded)
  }

  /** What a counter has come to in all windows, in units. */
  sumOf(name: string): number {
    let sum = 0
    for (const [key, units] of this.#counters) if (key.endsWith(` ${name}`)) sum += units
    return sum
  }

  /** A line for each window and name, sorted: two tallies say the same where their lines do. */
  lines(): string[] {
    return [
      ...[...this.#counters].map(([key, units]) => `${key}: ${units} units`),
      ...[...this.#gauges].map(([key, { value }]) => `${key}: set to ${value}`),
      ...[...this.#histograms].map(
        ([key, { count, units, min, max }]) => `${key}: ${count} values of ${units} units, ${min} to ${max}`,
      ),
    ].toSorted()
  }

  #add(key: string, units: number): void {
    this.#counters.set(key, (this.#counters.get(key) ?? 0) + units)
  }

  #set(key: string, setting: Setting): void {
    const known = this.#gauges.get(key)
    if (known === undefined || isLater(setting, known)) this.#gauges.set(key, setting)
  }

  #record(key: string, { count, units, min, max }: Recorded): void {
    const known = this.#histograms.get(key) ?? { count: 0, units: 0, min, max }
    const ends = { min: Math.min(known.min, min), max: Math.max(known.max, max) }
    this.#histograms.set(key, { count: known.count + count, units: known.units + units, ...ends })
  }
}

/** Every second number of a list of buckets is how many values are in one. */
const valuesIn = (buckets: readonly number[]): number =>
  buckets.reduce((sum, number, index) => (index % 2 === 1 ? sum + number : sum), 0)

/** What stands beside a word of the log. Throws `invalid_message` for what cannot be read. */
export function tallyOfWord(packed: Uint8Array, token: string): Tally {
  const tally = new Tally()
  const { counters, gauges, histograms, windows, windowMs: lengthMs } = unpackStatistics(packed)
  for (const [number, sums, set, recorded] of windows.map((window) => unpackWindow(window))) {
    const startMs = number * lengthMs
    for (const [place, units] of sums) tally.add(startMs, counters[place] ?? '', units)
    for (const [place, value, atMs] of set) tally.set(startMs, gauges[place] ?? '', { value, atMs, token })
    for (const [place, units, min, max, buckets] of recorded)
      tally.record(startMs, histograms[place] ?? '', { count: valuesIn(buckets), units, min, max })
  }
  return tally
}

/** What a client was told. */
export function tallyOfWindows(windows: readonly StatisticsWindow[]): Tally {
  const tally = new Tally()
  for (const window of windows) {
    const { name, startMs } = window
    if (window.kind === 'histogram') {
      const { count, sum, min, max } = window
      tally.record(startMs, name, { count, units: inUnits(sum), min: inUnits(min), max: inUnits(max) })
    } else if (window.kind === 'counter') tally.add(startMs, name, inUnits(window.value))
    else tally.set(startMs, name, { value: window.value, atMs: startMs, token: '' })
  }
  return tally
}
