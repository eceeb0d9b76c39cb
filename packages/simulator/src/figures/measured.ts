import type { Experiment } from './experiment.js'
import { type Figure, figureOf, type SeededSample } from './figure.js'
import type { Traffic } from './steady-traffic.js'

/** Figures of one experiment, and the code that they are of. */
export interface MeasuredExperiment {
  readonly nodes: number
  /** One commit, or the first and the last where seeds were added later: `abc to def`. */
  readonly commit: string
  /** What the figures are made of, so that seeds can be added; older records have figures alone. */
  readonly samples?: readonly SeededSample[]
  readonly figures: Readonly<Record<string, Figure>>
}

/** Traffic of a cluster of this many nodes. */
export interface MeasuredTraffic {
  readonly nodes: number
  readonly commit: string
  readonly traffic: Traffic
}

/** Everything that has been measured, by the names of experiments. */
export interface Measured {
  readonly experiments: Readonly<Record<string, MeasuredExperiment>>
  readonly traffic: readonly MeasuredTraffic[]
}

/** The code that was measured, and how many nodes of it there were. */
type MeasuredCode = Pick<MeasuredExperiment, 'nodes' | 'commit'>

/** What is kept of an experiment with so many nodes, where seeds can be added to it. */
export const samplesOf = (
  kept: MeasuredExperiment | undefined,
  { nodes }: Pick<MeasuredExperiment, 'nodes'>,
): readonly SeededSample[] => (kept?.nodes === nodes ? (kept.samples ?? []) : [])

/** The first `count` seeds, 1 and up, that have not run yet: one that an interruption left out is not left out for good. */
export function seedsLeft(samples: readonly SeededSample[], count: number): number[] {
  const done = new Set(samples.map(({ seed }) => seed))
  const left: number[] = []
  for (let seed = 1; left.length < count; seed += 1) if (!done.has(seed)) left.push(seed)
  return left
}

/**
 * Figures over the samples that are kept and those that are added. What is kept of another number of nodes, or without
 * samples, is replaced.
 */
export function withSamples(
  { measures }: Experiment,
  kept: MeasuredExperiment | undefined,
  added: readonly SeededSample[],
  { nodes, commit }: MeasuredCode,
): MeasuredExperiment {
  const before = samplesOf(kept, { nodes })
  const samples = [...before, ...added].toSorted((one, other) => one.seed - other.seed)
  const [first = commit] = before.length === 0 ? [] : (kept?.commit.split(' to ') ?? [])
  return {
    nodes,
    commit: first === commit ? commit : `${first} to ${commit}`,
    samples,
    figures: Object.fromEntries(measures.map(({ name }) => [name, figureOf(name, samples)])),
  }
}
