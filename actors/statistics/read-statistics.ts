import { CoveyError, type StatisticsWindowRow, unpackStatistics, unpackWindow } from '@covey/protocol'
import { bucketCount } from './buckets.js'

/** One window of one attempt, with its names. */
export interface ReadWindow {
  readonly startMs: number
  readonly counters: readonly { readonly name: string; readonly units: number }[]
  readonly gauges: readonly { readonly name: string; readonly value: number; readonly atMs: number }[]
  readonly histograms: readonly {
    readonly name: string
    readonly units: number
    readonly min: number
    readonly max: number
    readonly counts: readonly (readonly [bucket: number, count: number])[]
  }[]
}

const misfit = (what: string): never => {
  throw new CoveyError('invalid_message', `statistics: ${what}`, { address: 'statistics' })
}

const nameAt = (names: readonly string[], place: number): string =>
  names[place] ?? misfit(`no name at ${place}`)

function countsOf(flat: readonly number[]): [bucket: number, count: number][] {
  const counts: [bucket: number, count: number][] = []
  let bucket = 0
  for (let index = 0; index + 1 < flat.length; index += 2) {
    bucket += flat[index] ?? 0
    if (bucket >= bucketCount) misfit(`no bucket ${bucket}`)
    counts.push([bucket, flat[index + 1] ?? 0])
  }
  return counts
}

/** What an attempt has counted, from its bytes: all of it, or nothing. Throws `invalid_message`. */
export function readStatistics(bytes: Uint8Array): readonly ReadWindow[] {
  const { windowMs, counters, gauges, histograms, windows } = unpackStatistics(bytes)
  const read = ([index, sums, set, recorded]: StatisticsWindowRow): ReadWindow => ({
    startMs: index * windowMs,
    counters: sums.map(([place, units]) => ({ name: nameAt(counters, place), units })),
    gauges: set.map(([place, value, atMs]) => ({ name: nameAt(gauges, place), value, atMs })),
    histograms: recorded.map(([place, units, min, max, counts]) => ({
      ...{ name: nameAt(histograms, place), units, min, max },
      counts: countsOf(counts),
    })),
  })
  return windows.map((packed) => read(unpackWindow(packed)))
}
