import type { Measure, Target } from './experiment.js'

/** What a measure came to over its seeds. `null` stands for what never came: JSON knows no infinity. */
export interface Figure {
  readonly p50: number | null
  readonly p99: number | null
  readonly worst: number | null
  /** The seed of the worst, to look at it again. */
  readonly worstSeed: number
  readonly sum: number | null
  readonly seeds: number
  /** Seconds that nodes ran under observation, where it counts. */
  readonly nodeSeconds: number
}

/** What one run came to, with its seed. Kept as JSON, `null` stands for what never came. */
export interface SeededSample {
  readonly seed: number
  readonly sample: Readonly<Record<string, number | null>>
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

/** The smallest value below which, or at which, so great a share of the sorted values lies (nearest rank). */
const ranked = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN

/** Sums a measure up; throws where there is no sample, or one without the measure. */
export function figureOf(measure: string, samples: readonly SeededSample[]): Figure {
  const values = samples.map(({ seed, sample }) => {
    const value = sample[measure]
    if (value === undefined) throw new RangeError(`seed ${seed} has no ${measure}`)
    return { seed, value: value ?? Number.POSITIVE_INFINITY, nodeSeconds: sample.nodeSeconds ?? 0 }
  })
  const sorted = values.toSorted((one, other) => one.value - other.value)
  const worst = sorted.at(-1)
  if (worst === undefined) throw new RangeError(`there is no sample of ${measure}`)
  const numbers = sorted.map(({ value }) => value)
  return {
    p50: finite(ranked(numbers, 0.5)),
    p99: finite(ranked(numbers, 0.99)),
    worst: finite(worst.value),
    worstSeed: worst.seed,
    sum: finite(numbers.reduce((sum, value) => sum + value, 0)),
    seeds: values.length,
    nodeSeconds: values.reduce((sum, { nodeSeconds }) => sum + nodeSeconds, 0),
  }
}

const isReached = (figure: Figure, { statistic, max }: Target): boolean => {
  const value = figure[statistic]
  return value !== null && value <= max
}

/** Whether a figure came out as it must: all of its targets. */
export const isMet = (figure: Figure, { targets }: Measure): boolean =>
  targets.every((target) => isReached(figure, target))
