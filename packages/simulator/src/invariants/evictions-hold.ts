import type { DefineInvariant } from './invariant.js'

/** How long a process may go on that an operator has put out, when nothing is wrong with it. */
const noticeMs = 2_000

/**
 * S14: once a manager has said that a name is out, nobody takes part under a later generation of it until an operator
 * takes it in again, and who took part stops.
 */
export const evictionsHold: DefineInvariant = ({ world, changed, lastTroubleMs, out }) => {
  const told = new Set<string>()
  return {
    name: 'evictions-hold',
    look: () =>
      changed().flatMap((node) => {
        const { name, address, generation } = node
        const eviction = out().get(name)
        if (eviction === undefined || !node.isUp || told.has(address)) return []
        if (node.membership.state() !== 'active') return []
        const beganMs = Math.max(eviction.sinceMs, lastTroubleMs(name))
        const isLate = world.heap.now() - beganMs > noticeMs
        if (generation <= eviction.generation && !isLate) return []
        told.add(address)
        return [
          `${address} is active under ${generation}, though ${name} is out since ${eviction.generation}`,
        ]
      }),
  }
}
