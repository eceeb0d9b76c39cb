import type { NodeOptions } from '../node-options.js'

/** How a figure must come out over all its seeds, to be called reached. */
export interface Target {
  readonly statistic: 'p50' | 'p99' | 'worst' | 'sum'
  readonly max: number
}

/** One figure that an experiment yields for each seed. */
export interface Measure {
  /** The key under which `run` answers it. */
  readonly name: string
  /** What is measured, as the table says it. */
  readonly what: string
  readonly unit: 'ms' | 'departures'
  readonly targets: readonly Target[]
  /** How much must have been watched, before a count of what must not be says anything. */
  readonly nodeSecondsMin?: number
}

/** What one run of an experiment is made of. */
export interface ExperimentRun {
  readonly seed: number
  readonly nodes: number
  /** What all its nodes have in common; default: what a node has in production. */
  readonly options?: NodeOptions
  /** Only for what lasts as long as it is told to; default: as the experiment says. */
  readonly durationMs?: number
}

/** One figure a measure, in its unit; `Infinity` where what was waited for has not come. And `nodeSeconds`, where it counts. */
export type Sample = Readonly<Record<string, number>>

/**
 * What happens to a cluster, and what is read off it from outside: every other node's own view, by the time of the
 * world. Nothing in it depends on anything but its seed and the code.
 */
export interface Experiment {
  readonly name: string
  /** Nodes of the cluster, in the table. */
  readonly nodes: number
  /** Seeds that the table takes, 1 and up. */
  readonly seeds: number
  readonly measures: readonly Measure[]
  run(run: ExperimentRun): Promise<Sample>
}
