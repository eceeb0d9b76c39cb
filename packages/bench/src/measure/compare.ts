import type { BenchRow } from '../report/bench-report.js'
import { Latencies } from './latencies.js'
import { median } from './median.js'

/** One way to do the work that is measured. */
export interface Contender {
  readonly name: string
  /** Works for about so long, tells each latency, and resolves with how much it did in a second. */
  run(durationMs: number, latencies: Latencies): Promise<number>
  /** Gets warm for about so long, where `run` alone would take too long for that. */
  warmUp?(durationMs: number): Promise<unknown>
}

/** A row in the making: ours against one baseline or several. */
export interface Comparison {
  readonly label: string
  readonly inFlight: number
  readonly ours: Contender
  readonly baselines: readonly Contender[]
}

/** How long everything takes. */
export interface Duration {
  /** Seconds that each contender is measured for, over all rounds. */
  readonly seconds: number
  /** Default: 5. More of them tell a small difference from what the machine does meanwhile. */
  readonly rounds?: number
}

/** A first round of this share of the time is thrown away: compilers and caches get warm in it. */
const warmUpShare = 0.5

interface Measured {
  readonly contender: Contender
  readonly latencies: Latencies
  readonly perSecond: number[]
}

/**
 * Measures contenders in rounds that alternate, so that what else the machine does in the meantime disturbs all alike,
 * and answers a row for each baseline: medians of the rounds, percentiles of all of them together. The ratio is the
 * median of the ratios of neighbouring rounds: a machine that is faster now and slower then changes both.
 */
export async function compare(
  comparison: Comparison,
  { seconds, rounds = 5 }: Duration,
): Promise<BenchRow[]> {
  const { label, inFlight, ours, baselines } = comparison
  const measured = [ours, ...baselines].map(
    (contender): Measured => ({ contender, latencies: new Latencies(), perSecond: [] }),
  )
  for (const { contender, latencies } of measured) {
    const durationMs = seconds * 1_000 * warmUpShare
    await (contender.warmUp?.(durationMs) ?? contender.run(durationMs, latencies))
    latencies.clear()
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const { contender, latencies, perSecond } of measured) {
      perSecond.push(await contender.run((seconds * 1_000) / rounds, latencies))
    }
  }
  const [mine, ...others] = measured
  if (mine === undefined) return []
  const perSecond = median(mine.perSecond)
  return others.map(({ contender, perSecond: its }): BenchRow => {
    const baseline = { name: contender.name, perSecond: median(its) }
    const [p50Ms, p99Ms] = [mine.latencies.percentile(50), mine.latencies.percentile(99)]
    const ratio = median(its.map((figure, round) => (mine.perSecond[round] ?? 0) / figure))
    return { label, inFlight, perSecond, p50Ms, p99Ms, baseline, ratio }
  })
}
