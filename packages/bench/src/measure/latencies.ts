import { build } from 'hdr-histogram-js'

const nanosecondsPerMs = 1_000_000
const longestMs = 60_000

/** Latencies from nanoseconds to a minute, in buckets that are three digits exact. */
export class Latencies {
  readonly #histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: longestMs * nanosecondsPerMs,
    numberOfSignificantValueDigits: 3,
  })

  /** Takes one, in milliseconds; what took longer than a minute counts as a minute. */
  take(latencyMs: number): void {
    this.#histogram.recordValue(Math.round(Math.min(latencyMs, longestMs) * nanosecondsPerMs))
  }

  /** The latency in milliseconds that this share of all, in percent, does not exceed. */
  percentile(percent: number): number {
    return this.#histogram.getValueAtPercentile(percent) / nanosecondsPerMs
  }

  /** Forgets all, as after a warm-up. */
  clear(): void {
    this.#histogram.reset()
  }
}
