import type { DefineInvariant } from './invariant.js'

/** What a goodbye may take beyond its deadline (invariant 25). */
const graceMs = 1_000

/** Invariant 25: a goodbye ends by its deadline whatever the other members do; only its own trouble may delay it. */
export const boundedLeave: DefineInvariant = ({ world, changed, lastTroubleMs }) => {
  const told = new Set<string>()
  return {
    name: 'bounded-leave',
    look: () =>
      changed().flatMap((node) => {
        const { name, address, leaveCalledAtMs, env } = node
        if (leaveCalledAtMs === undefined || !node.isUp || told.has(address)) return []
        const beganMs = Math.max(leaveCalledAtMs, lastTroubleMs(name))
        if (world.heap.now() - beganMs <= env.timings.leaveDeadlineMs + graceMs) return []
        told.add(address)
        return [
          `${address} still leaves ${Math.round(world.heap.now() - leaveCalledAtMs)} ms after it was asked to`,
        ]
      }),
  }
}
