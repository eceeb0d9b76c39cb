import { Chance } from './chance.js'
import { drawFaults } from './draw-faults.js'
import type { FaultKind } from './fault.js'
import { nodeNames, type Trace } from './trace.js'

/** What a trace is drawn from. */
export interface TraceOptions {
  readonly seed: number
  readonly nodes: number
  /** How long faults happen. */
  readonly minutes: number
  readonly kinds: readonly FaultKind[]
  /** Between two faults on average. */
  readonly pauseMs?: number
}

/** The trace that a seed stands for in a cluster of this size. */
export function drawTrace({ seed, nodes, minutes, ...rest }: TraceOptions): Trace {
  const faults = drawFaults({ seed, nodes: nodeNames(nodes), durationMs: minutes * 60_000, ...rest })
  return { version: 1, seed, nodes, minutes, faults }
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
