import { chanceOf } from './chance.js'

/** What is cancelled of a job: all of it by its id, one step with its dependents, what fits a filter, or nothing. */
export type StormAim = 'job' | 'step' | 'filter' | 'nothing'

/** The steps of a job of a storm: `second` waits for `first`, and `apart` for nobody. */
export const stormSteps = ['first', 'second', 'apart'] as const
/** One of {@link stormSteps}. */
export type StormStep = (typeof stormSteps)[number]

/** One job of a storm. */
export interface StormJob {
  readonly id: string
  readonly aim: StormAim
  /** How long each step takes, which is also its result. */
  readonly holdMs: Readonly<Record<StormStep, number>>
}

/** A storm: its jobs, and when its cancels come. */
export interface StormPlan {
  readonly jobs: readonly StormJob[]
  /** Which jobs the filter meets. */
  readonly glob: string
  /** Before each round of cancels: the first meets what runs, what waits, and what is done. */
  readonly waitsMs: readonly number[]
}

const aims: readonly StormAim[] = ['job', 'step', 'filter', 'nothing']
const jobsOfAim = 6
const holdMsMin = 50
const holdMsMax = 2_000
const rounds = 3
const waitMsMax = 1_000

/** What a cancel of this aim takes along. */
export const aimedAt: Readonly<Record<StormAim, ReadonlySet<StormStep>>> = {
  job: new Set(stormSteps),
  step: new Set<StormStep>(['first', 'second']),
  filter: new Set(stormSteps),
  nothing: new Set(),
}

/** Plans a storm by its number and a seed. */
export function planStorm(storm: number, seed: number | string): StormPlan {
  const random = chanceOf(seed)
  const holdMs = (): number => Math.round(holdMsMin + random() * (holdMsMax - holdMsMin))
  const jobs = Array.from({ length: jobsOfAim }, (_, index) =>
    aims.map((aim) => ({
      ...{ id: `storm-${storm}-${aim}-${index + 1}`, aim },
      holdMs: { first: holdMs(), second: holdMs(), apart: holdMs() },
    })),
  ).flat()
  const waitsMs = Array.from({ length: rounds }, () => Math.round(random() * waitMsMax))
  return { jobs, glob: `storm-${storm}-filter-*`, waitsMs }
}
