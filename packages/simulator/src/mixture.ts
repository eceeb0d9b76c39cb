import { defaultRetention, type Retention } from '@covey/protocol'
import { Chance } from './chance.js'
import { drawFaults } from './draw-faults.js'
import type { Fault, FaultKind } from './fault.js'
import { drawErrands } from './jobs/draw-errands.js'
import { managersOf } from './supervised-processes.js'
import { nodeNames, type Trace } from './trace.js'

/** What a trace is drawn from. */
export interface TraceOptions {
  readonly seed: number
  readonly nodes: number
  /** Shards of the cluster. Default: one. */
  readonly shards?: number
  /** How long faults happen. */
  readonly minutes: number
  readonly kinds: readonly FaultKind[]
  /** Between two faults on average. */
  readonly pauseMs?: number
  /** How many jobs are submitted meanwhile; default: none, and there is no work in the cluster. */
  readonly jobs?: number
}

/**
 * Facts that are lost with the power while the log stays name generations again that the log has called ended: that asks
 * for `covey restored` (K11), and no work goes to them before.
 */
const kinder = (fault: Fault): Fault => (fault.kind === 'powerLoss' ? { ...fault, lost: 0 } : fault)

/** So that what is kept does not say what clients do. */
const retentionSalt = 0x4e91
/** Seeds below this one keep all that has ended, and mean what they meant before some let go of it. */
const retentionFromSeed = 120_000

/** Lets managers of every second cluster keep so little of ended jobs that some of them go while others run. */
function drawRetention(seed: number): Retention | undefined {
  const chance = new Chance(seed ^ retentionSalt)
  if (seed < retentionFromSeed || chance.hits(1 / 2)) return undefined
  const little: Partial<Retention>[] = [
    { workflows: Math.floor(chance.between(0, 13)) },
    { bytes: Math.floor(chance.between(0, 2 * 1_024 * 1_024)) },
    { ms: Math.round(chance.between(500, 15_000)) },
  ]
  return { ...defaultRetention, ...chance.pick(little) }
}

/** So that who reads streams does not say what is kept. */
const streamsSalt = 0x57e4
/** Seeds below this one have nobody who reads streams, and mean what they meant before somebody did. */
const streamsFromSeed = 130_000

/** In every second cluster somebody does. */
const hasStreams = (seed: number): boolean =>
  seed >= streamsFromSeed && new Chance(seed ^ streamsSalt).hits(1 / 2)

/** The trace that a seed stands for in a cluster of this size. */
export function drawTrace({ seed, nodes, shards = 1, minutes, jobs = 0, ...rest }: TraceOptions): Trace {
  const durationMs = minutes * 60_000
  const names = nodeNames(nodes)
  const drawn = drawFaults({ seed, nodes: names, durationMs, ...rest })
  const faults = jobs > 0 ? drawn.map(kinder) : drawn
  const workers = names.slice(managersOf(names).length)
  const errands = jobs > 0 ? { errands: drawErrands({ seed, jobs, durationMs, workers }) } : {}
  const several = shards > 1 ? { shards } : {}
  const retention = jobs > 0 ? drawRetention(seed) : undefined
  const kept = retention === undefined ? {} : { retention }
  const streams = jobs > 0 && hasStreams(seed) ? { streams: true as const } : {}
  return { version: 1, seed, nodes, ...several, minutes, faults, ...errands, ...kept, ...streams }
}

/** So that how large and how long does not say which faults: the two are drawn from one seed. */
const sizeSalt = 0x51ce

/**
 * How large and how long a run of a seed is among many: from 3 to 24 nodes and from one to five minutes, small and short
 * ones mostly, for those say the most in the same time. The same seed is the same run wherever it is asked for.
 */
export function sizeOf(seed: number): Pick<TraceOptions, 'nodes' | 'minutes'> {
  const chance = new Chance(seed ^ sizeSalt)
  const nodes = chance.hits(0.8) ? chance.between(3, 9) : chance.between(9, 25)
  const minutes = chance.hits(0.8) ? 1 : chance.between(2, 6)
  return { nodes: Math.floor(nodes), minutes: Math.floor(minutes) }
}

/** Seeds below this one have one shard, and mean what they meant before there were more. */
const shardsFromSeed = 15_000
/** Most of them leave a worker of three slots without one in some shard. */
const shardCounts = [1, 2, 4, 8] as const

/** How large and how long a run with work in it is. */
export type JobSize = Required<Pick<TraceOptions, 'nodes' | 'minutes' | 'pauseMs' | 'jobs' | 'shards'>>

/**
 * The same of a run with work in it: 3 to 8 nodes, of which one to three are managers, up to 30 s and 12 jobs, and faults
 * so dense that some of them meet. From seed 15,000 on the cluster has one, two, four or eight shards.
 */
export function jobSizeOf(seed: number): JobSize {
  const chance = new Chance(seed ^ sizeSalt)
  const nodes = Math.floor(chance.between(3, 9))
  const minutes = chance.pick([0.1, 0.1, 0.2, 0.5])
  const pauseMs = chance.pick([900, 2_000, 4_000])
  const jobs = Math.floor(chance.between(3, 13))
  return { nodes, minutes, pauseMs, jobs, shards: seed < shardsFromSeed ? 1 : chance.pick(shardCounts) }
}
