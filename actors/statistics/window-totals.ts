import { compareTokens, statisticsUnits, type TokenText } from '@covey/protocol'
import { percentilesOf } from './buckets.js'
import type { ReadWindow } from './read-statistics.js'

/** What the workflows of a job counted under one name in one window, which began at `startMs` of their wall clocks. */
export type StatisticsWindow =
  | {
      readonly name: string
      /** A counter's sum, or the value that a gauge was set to last. */
      readonly kind: 'counter' | 'gauge'
      readonly startMs: number
      readonly value: number
    }
  | {
      readonly name: string
      readonly kind: 'histogram'
      readonly startMs: number
      readonly count: number
      readonly sum: number
      readonly min: number
      readonly max: number
      /** Exact to one in a hundred. */
      readonly p50: number
      readonly p90: number
      readonly p99: number
    }

interface Counter {
  units: bigint
}

interface Gauge {
  readonly value: number
  readonly atMs: number
  readonly token: TokenText
}

interface Histogram {
  units: bigint
  min: number
  max: number
  readonly counts: Map<number, number>
}

interface Window {
  readonly counters: Map<string, Counter>
  readonly gauges: Map<string, Gauge>
  readonly histograms: Map<string, Histogram>
}

const oneInUnits = BigInt(statisticsUnits)

/** Exact up to 2^53, whatever stands behind the point. */
const numberOf = (units: bigint): number =>
  Number(units / oneInUnits) + Number(units % oneInUnits) / statisticsUnits

const isLater = (one: Gauge, other: Gauge): boolean =>
  one.atMs === other.atMs ? compareTokens(one.token, other.token) > 0 : one.atMs > other.atMs

/**
 * Sums of what attempts have counted, window by window: the same in whatever order they are added, and by whatever ways.
 * Counters and histograms are added up as whole units; of a gauge the value stays that was set last, of two at once
 * that of the higher token. That each attempt is added once is up to who adds.
 */
export class WindowTotals {
  readonly #windows = new Map<number, Window>()

  add(token: TokenText, windows: readonly ReadWindow[]): void {
    for (const { startMs, counters, gauges, histograms } of windows) {
      for (const { name, units } of counters) this.#addUnits(startMs, name, BigInt(units))
      for (const { name, value, atMs } of gauges) this.#setGauge(startMs, name, { value, atMs, token })
      for (const { name, units, ...more } of histograms)
        this.#addHistogram(startMs, name, { units: BigInt(units), ...more })
    }
  }

  /** Adds all that others have added up. */
  merge(other: WindowTotals): void {
    for (const [startMs, { counters, gauges, histograms }] of other.#windows) {
      for (const [name, { units }] of counters) this.#addUnits(startMs, name, units)
      for (const [name, gauge] of gauges) this.#setGauge(startMs, name, gauge)
      for (const [name, histogram] of histograms) this.#addHistogram(startMs, name, histogram)
    }
  }

  /** Sorted by window, then by name. */
  rows(): StatisticsWindow[] {
    return [...this.#windows]
      .sort(([one], [other]) => one - other)
      .flatMap(([startMs, window]) => rowsOf(startMs, window))
  }

  #windowOf(startMs: number): Window {
    const known = this.#windows.get(startMs)
    if (known !== undefined) return known
    const window: Window = { counters: new Map(), gauges: new Map(), histograms: new Map() }
    this.#windows.set(startMs, window)
    return window
  }

  #addUnits(startMs: number, name: string, units: bigint): void {
    const { counters } = this.#windowOf(startMs)
    counters.set(name, { units: (counters.get(name)?.units ?? 0n) + units })
  }

  #setGauge(startMs: number, name: string, gauge: Gauge): void {
    const { gauges } = this.#windowOf(startMs)
    const known = gauges.get(name)
    if (known === undefined || isLater(gauge, known)) gauges.set(name, gauge)
  }

  #addHistogram(
    startMs: number,
    name: string,
    {
      units,
      min,
      max,
      counts,
    }: Omit<Histogram, 'counts'> & { readonly counts: Iterable<readonly [number, number]> },
  ): void {
    const { histograms } = this.#windowOf(startMs)
    const sum = histograms.get(name) ?? { units: 0n, min, max, counts: new Map() }
    sum.units += units
    sum.min = Math.min(sum.min, min)
    sum.max = Math.max(sum.max, max)
    for (const [bucket, count] of counts) sum.counts.set(bucket, (sum.counts.get(bucket) ?? 0) + count)
    histograms.set(name, sum)
  }
}

function rowsOf(startMs: number, { counters, gauges, histograms }: Window): StatisticsWindow[] {
  const rows: StatisticsWindow[] = [
    ...[...counters].map(
      ([name, { units }]) => ({ name, kind: 'counter', startMs, value: numberOf(units) }) as const,
    ),
    ...[...gauges].map(([name, { value }]) => ({ name, kind: 'gauge', startMs, value }) as const),
    ...[...histograms].map(([name, histogram]) => histogramRow(startMs, name, histogram)),
  ]
  return rows.sort((one, other) => (one.name < other.name ? -1 : Number(one.name > other.name)))
}

function histogramRow(
  startMs: number,
  name: string,
  { units, min, max, counts }: Histogram,
): StatisticsWindow {
  // A bucket is told by its upper end, which no value need have reached.
  const [p50 = 0, p90 = 0, p99 = 0] = percentilesOf(counts, [50, 90, 99]).map(
    (value) => Math.min(Math.max(value, min), max) / statisticsUnits,
  )
  const count = [...counts.values()].reduce((sum, one) => sum + one, 0)
  const ends = { min: min / statisticsUnits, max: max / statisticsUnits }
  return { name, kind: 'histogram', startMs, count, sum: numberOf(units), ...ends, p50, p90, p99 }
}
