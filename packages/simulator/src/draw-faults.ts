import { Chance } from './chance.js'
import type { Fault, FaultKind } from './fault.js'

/** Out of what a schedule is drawn. */
export interface ScheduleOptions {
  readonly seed: number
  readonly nodes: readonly string[]
  readonly durationMs: number
  readonly kinds: readonly FaultKind[]
}

/** Between two faults of a cluster, on average. */
const pauseMs = 4_000

type Draw = (chance: Chance, atMs: number, node: string) => Fault

/** A short one mostly, sometimes a long one: both sides of every timeout. */
const duration = (chance: Chance, shortMs: number, longMs: number): number =>
  Math.round(chance.hits(0.7) ? chance.between(100, shortMs) : chance.between(shortMs, longMs))

const draws: Record<FaultKind, Draw> = {
  crash: (chance, atMs, node) => ({ kind: 'crash', node, atMs, forMs: duration(chance, 2_000, 20_000) }),
  freeze: (chance, atMs, node) => ({ kind: 'freeze', node, atMs, forMs: duration(chance, 3_000, 60_000) }),
  cut: (chance, atMs, node) => ({
    ...{ kind: 'cut', node, atMs, forMs: duration(chance, 4_000, 30_000) },
    direction: chance.pick(['both', 'toBroker', 'toProcess']),
  }),
  disconnect: (_, atMs, node) => ({ kind: 'disconnect', node, atMs }),
  outage: (chance, atMs) => ({ kind: 'outage', atMs, forMs: duration(chance, 800, 12_000) }),
  leave: (chance, atMs, node) => ({ kind: 'leave', node, atMs, forMs: duration(chance, 2_000, 20_000) }),
  theft: (_, atMs, node) => ({ kind: 'theft', node, atMs }),
  drift: (chance, atMs, node) => ({ kind: 'drift', node, atMs, rate: chance.between(0.98, 1.02) }),
  weather: (chance, atMs) => ({
    ...{ kind: 'weather', atMs, forMs: duration(chance, 5_000, 30_000) },
    ...{ lostMessage: chance.between(0, 0.1), lostWrite: chance.between(0, 0.1) },
    ...{ lostAcknowledgement: chance.between(0, 0.2), staleRead: chance.between(0, 0.2) },
    latencyMaxMs: chance.between(1, 80),
  }),
}

/** Draws what goes wrong, and when. The same seed gives the same schedule. */
export function drawFaults({ seed, nodes, durationMs, kinds }: ScheduleOptions): Fault[] {
  const chance = new Chance(seed)
  const faults: Fault[] = []
  if (kinds.length === 0) return faults
  for (let atMs = chance.between(0, pauseMs); atMs < durationMs; atMs += chance.between(0, 2 * pauseMs)) {
    faults.push(draws[chance.pick(kinds)](chance, Math.round(atMs), chance.pick(nodes)))
  }
  return faults
}
