import { limits, statisticsUnits } from '@covey/protocol'
import module from 'hdr-histogram-js/dist/Float64Histogram.js'

/** By its path: the whole library would cost each process 15 MB and 50 ms, for WebAssembly and encodings that nobody uses here. */
const { default: Float64Histogram } = module

/** Values of one bucket differ by one in a hundred at most. */
const significantDigits = 2
const largest = limits.histogramValueMax * statisticsUnits

/** The buckets that all histograms share, and one to read percentiles from: what is kept of each is sparse. */
const buckets = new Float64Histogram(1, largest, significantDigits)

/** How many buckets there are. */
export const bucketCount = buckets.countsArrayLength

/** The bucket of a value in units. */
export const bucketOf = (units: number): number => buckets.countsArrayIndex(units)

/** The values, in units, that these shares of all counts, in percent, do not exceed. */
export function percentilesOf(
  counts: Iterable<readonly [bucket: number, count: number]>,
  percents: readonly number[],
): number[] {
  buckets.reset()
  for (const [bucket, count] of counts) buckets.recordValueWithCount(buckets.valueFromIndex(bucket), count)
  return percents.map((percent) => buckets.getValueAtPercentile(percent))
}
