/** A well-mixed number of 32 bits for a manager and a shard, the same on every node. */
function weightOf(manager: string, shard: number): number {
  let hash = 0x811c9dc5 ^ Math.imul(shard + 1, 0x9e3779b1)
  for (let index = 0; index < manager.length; index += 1) {
    hash = Math.imul(hash ^ manager.charCodeAt(index), 0x01000193)
  }
  // The last step of MurmurHash3: names that differ in one letter have nothing in common after it.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/**
 * Which manager is to lead which shard, and who follows it: of each shard all managers, the first to lead first. By
 * rendezvous (highest random weight: Thaler and Ravishankar, 1998), so that all who know of the same managers agree without
 * a word, and of a manager that is gone each other one gets a share. No manager is first for more than its even share
 * (bounded loads: Mirrokni, Thorup and Zadimoghaddam, 2018): with few shards the weights alone leave some without any.
 */
export function shardRanks(managers: readonly string[], shards: number): readonly (readonly string[])[] {
  const most = Math.ceil(shards / Math.max(1, managers.length))
  const led = new Map<string, number>()
  return Array.from({ length: shards }, (_, shard) => {
    const weighed = managers.map((manager) => ({ manager, weight: weightOf(manager, shard) }))
    weighed.sort((one, other) => other.weight - one.weight || (one.manager < other.manager ? -1 : 1))
    const order = weighed.map(({ manager }) => manager)
    const first = order.find((manager) => (led.get(manager) ?? 0) < most)
    if (first === undefined) return order
    led.set(first, (led.get(first) ?? 0) + 1)
    return [first, ...order.filter((manager) => manager !== first)]
  })
}
