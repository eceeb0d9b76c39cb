import { Chance } from './chance.js'
import { drawSplit } from './draw-split.js'
import type { Fault, FaultKind } from './fault.js'

/** Out of what a schedule is drawn. */
export interface ScheduleOptions {
  readonly seed: number
  readonly nodes: readonly string[]
  readonly durationMs: number
  readonly kinds: readonly FaultKind[]
  /** Between two faults of the cluster, on average; default: 4 s. */
  readonly pauseMs?: number
}

const usualPauseMs = 4_000
const hourMs = 3_600_000

interface Draw {
  readonly chance: Chance
  readonly atMs: number
  readonly node: string
  readonly nodes: readonly string[]
}

/** A short one mostly, sometimes a long one: both sides of every timeout. */
const duration = (chance: Chance, shortMs: number, longMs: number): number =>
  Math.round(chance.hits(0.7) ? chance.between(100, shortMs) : chance.between(shortMs, longMs))

const draws: Record<FaultKind, (draw: Draw) => Fault> = {
  crash: ({ chance, atMs, node }) => ({ kind: 'crash', node, atMs, forMs: duration(chance, 2_000, 20_000) }),
  exit: ({ chance, atMs, node }) => ({
    ...{ kind: 'exit', node, atMs, forMs: duration(chance, 2_000, 20_000) },
    toldAfterMs: duration(chance, 500, 5_000),
  }),
  freeze: ({ chance, atMs, node }) => ({
    kind: 'freeze',
    node,
    atMs,
    forMs: duration(chance, 3_000, 60_000),
  }),
  stall: ({ chance, atMs, node }) => ({ kind: 'stall', node, atMs, forMs: duration(chance, 3_000, 60_000) }),
  suspend: ({ chance, atMs, node }) => ({
    ...{ kind: 'suspend', node, atMs, forMs: duration(chance, 3_000, 60_000) },
  }),
  slowStart: ({ chance, atMs, node }) => ({
    ...{ kind: 'slowStart', node, atMs, forMs: duration(chance, 2_000, 20_000) },
    afterMs: Math.round(chance.between(0, 1_000)),
  }),
  leave: ({ chance, atMs, node }) => ({ kind: 'leave', node, atMs, forMs: duration(chance, 2_000, 20_000) }),
  evict: ({ chance, atMs, node }) => ({ kind: 'evict', node, atMs, forMs: duration(chance, 3_000, 20_000) }),
  theft: ({ atMs, node }) => ({ kind: 'theft', node, atMs }),
  sharedAddress: ({ chance, atMs, node, nodes }) => ({
    ...{ kind: 'sharedAddress', node, atMs, with: chance.pick(nodes) },
    forMs: duration(chance, 2_000, 20_000),
  }),
  drift: ({ chance, atMs, node }) => ({ kind: 'drift', node, atMs, rate: chance.between(0.98, 1.02) }),
  jump: ({ chance, atMs, node }) => ({
    ...{ kind: 'jump', node, atMs },
    byMs: Math.round(chance.hits(0.5) ? chance.between(0, 20_000) : chance.between(0, hourMs)),
  }),
  restartStorm: ({ chance, atMs }) => ({
    ...{ kind: 'restartStorm', atMs, withinMs: Math.round(chance.between(0, 5_000)) },
    forMs: duration(chance, 1_000, 10_000),
  }),
  joinStorm: ({ chance, atMs, nodes }) => ({
    ...{ kind: 'joinStorm', atMs, nodes: Math.ceil(chance.between(0, nodes.length)) },
    forMs: duration(chance, 5_000, 20_000),
  }),
  cut: ({ chance, atMs, node }) => ({
    ...{ kind: 'cut', node, atMs, forMs: duration(chance, 4_000, 30_000) },
    direction: chance.pick(['both', 'toBroker', 'toProcess']),
  }),
  slow: ({ chance, atMs, node }) => ({
    ...{ kind: 'slow', node, atMs, forMs: duration(chance, 5_000, 30_000) },
    extraMs: duration(chance, 100, 1_000),
  }),
  split: ({ chance, atMs }) => ({
    ...{ kind: 'split', atMs, forMs: duration(chance, 4_000, 30_000) },
    severed: drawSplit(chance),
  }),
  disconnect: ({ atMs, node }) => ({ kind: 'disconnect', node, atMs }),
  outage: ({ chance, atMs }) => ({ kind: 'outage', atMs, forMs: duration(chance, 800, 12_000) }),
  stores: ({ chance, atMs }) => ({
    ...{ kind: 'stores', atMs, forMs: duration(chance, 2_000, 10_000) },
    answer: chance.pick(['none', 'refused', 'full']),
  }),
  weather: ({ chance, atMs }) => ({
    ...{ kind: 'weather', atMs, forMs: duration(chance, 5_000, 30_000) },
    ...{ lostMessage: chance.between(0, 0.1), lostWrite: chance.between(0, 0.1) },
    ...{ lostAcknowledgement: chance.between(0, 0.2), staleRead: chance.between(0, 0.2) },
    latencyMaxMs: chance.between(1, 80),
  }),
  disorder: ({ chance, atMs }) => ({
    ...{ kind: 'disorder', atMs, forMs: duration(chance, 5_000, 30_000) },
    ...{ repeatedMessage: chance.between(0, 0.2), overtakenMessage: chance.between(0, 0.2) },
    overtakenMaxMs: duration(chance, 200, 2_000),
  }),
  powerLoss: ({ chance, atMs }) => ({
    ...{ kind: 'powerLoss', atMs, forMs: duration(chance, 2_000, 10_000) },
    lost: Math.floor(chance.between(0, 20)),
  }),
  restore: ({ chance, atMs }) => ({
    ...{ kind: 'restore', atMs, forMs: duration(chance, 800, 5_000) },
    afterMs: duration(chance, 3_000, 10_000),
  }),
}

/** What happens to all at once leaves nothing of what was before it: it is drawn once where others are four times. */
const rare: readonly FaultKind[] = [
  ...(['restartStorm', 'joinStorm', 'powerLoss', 'outage', 'stores', 'split', 'evict'] as const),
]
const commonness = 4

/** Draws what goes wrong, and when. The same seed gives the same schedule. */
export function drawFaults({
  seed,
  nodes,
  durationMs,
  kinds,
  pauseMs = usualPauseMs,
}: ScheduleOptions): Fault[] {
  const chance = new Chance(seed)
  const faults: Fault[] = []
  const bag = kinds.flatMap((kind) =>
    Array.from({ length: rare.includes(kind) ? 1 : commonness }, () => kind),
  )
  if (bag.length === 0) return faults
  for (let atMs = chance.between(0, pauseMs); atMs < durationMs; atMs += chance.between(0, 2 * pauseMs)) {
    const draw = draws[chance.pick(bag)]
    faults.push(draw({ chance, atMs: Math.round(atMs), node: chance.pick(nodes), nodes }))
  }
  return faults
}
