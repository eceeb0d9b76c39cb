import type { StatisticsWindowRow } from '@covey/protocol'
import { bucketOf } from './buckets.js'

interface Gauge {
  readonly value: number
  readonly atMs: number
}

interface Histogram {
  units: number
  min: number
  max: number
  readonly counts: Map<number, number>
}

/** Bytes of a window without any sample, and of what one name, or one more bucket of it, adds to it at most. */
const emptyBytes = 16
const entryBytes = { counter: 12, gauge: 20, histogram: 36, bucket: 12 } as const

const sortedBuckets = (counts: ReadonlyMap<number, number>): number[] => {
  let before = 0
  return [...counts]
    .sort(([one], [other]) => one - other)
    .flatMap(([bucket, count]) => {
      const distance = bucket - before
      before = bucket
      return [distance, count]
    })
}

/**
 * What the function of an attempt has counted in the present window, by the places of its names. A sample is refused, and
 * changes nothing, where the window would become larger than `room` bytes.
 */
export class OpenWindow {
  readonly index: number
  /** What it takes packed, at most. */
  bytes = emptyBytes
  readonly #counters = new Map<number, number>()
  readonly #gauges = new Map<number, Gauge>()
  readonly #histograms = new Map<number, Histogram>()

  constructor(index: number) {
    this.index = index
  }

  /** Units of a counter so far. */
  unitsOf(place: number): number {
    return this.#counters.get(place) ?? 0
  }

  /** Units of all values of a histogram so far. */
  sumOf(place: number): number {
    return this.#histograms.get(place)?.units ?? 0
  }

  add(place: number, units: number, room: number): boolean {
    const isNew = !this.#counters.has(place)
    if (isNew && !this.#grow(entryBytes.counter, room)) return false
    this.#counters.set(place, this.unitsOf(place) + units)
    return true
  }

  /** The last one that is set stays, also where the clock has gone back a little. */
  set(place: number, value: number, nowMs: number, room: number): boolean {
    const known = this.#gauges.get(place)
    if (known === undefined && !this.#grow(entryBytes.gauge, room)) return false
    this.#gauges.set(place, { value, atMs: Math.max(nowMs, known?.atMs ?? nowMs) })
    return true
  }

  record(place: number, units: number, room: number): boolean {
    const bucket = bucketOf(units)
    const known = this.#histograms.get(place)
    const count = known?.counts.get(bucket) ?? 0
    const more = (known === undefined ? entryBytes.histogram : 0) + (count === 0 ? entryBytes.bucket : 0)
    if (!this.#grow(more, room)) return false
    const histogram = known ?? { units: 0, min: units, max: units, counts: new Map() }
    histogram.units += units
    histogram.min = Math.min(histogram.min, units)
    histogram.max = Math.max(histogram.max, units)
    histogram.counts.set(bucket, count + 1)
    this.#histograms.set(place, histogram)
    return true
  }

  /** As it travels. */
  row(): StatisticsWindowRow {
    return [
      this.index,
      [...this.#counters],
      [...this.#gauges].map(([place, { value, atMs }]) => [place, value, atMs]),
      [...this.#histograms].map(([place, { units, min, max, counts }]) => [
        ...([place, units, min, max] as const),
        sortedBuckets(counts),
      ]),
    ]
  }

  #grow(bytes: number, room: number): boolean {
    if (bytes > 0 && this.bytes + bytes > room) return false
    this.bytes += bytes
    return true
  }
}
