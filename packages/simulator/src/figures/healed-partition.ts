import type { Experiment } from './experiment.js'
import { FormedCluster } from './formed-cluster.js'

const patienceMs = 120_000
const shareMax = 1 / 2

interface PartitionKind {
  readonly name: string
  readonly what: string
  readonly minMs: number
  readonly maxMs: number
}

/** Up to half of the nodes are cut off from the broker, and with it from the rest; then nothing is wrong any more. */
const partition = ({ name, what, minMs, maxMs }: PartitionKind): Experiment => ({
  name,
  nodes: 64,
  seeds: 200,
  measures: [{ name: 'healed', what, unit: 'ms', targets: [{ statistic: 'worst', max: 2_000 }] }],
  async run(run) {
    const cluster = new FormedCluster(run)
    await cluster.form()
    const { world, chance } = cluster
    const rest = cluster.up()
    const cutOff = Math.max(1, Math.floor(chance.between(0, rest.length * shareMax)))
    const side = Array.from({ length: cutOff }, () => {
      const node = chance.pick(rest)
      rest.splice(rest.indexOf(node), 1)
      return node
    })
    for (const { address } of side) world.broker.cut(address)
    await world.run(chance.between(minMs, maxMs))
    for (const { address } of side) world.broker.heal(address)
    return { healed: await cluster.timeUntilWhole(() => true, patienceMs) }
  },
})

/** The connections outlive it: what was under way arrives late. */
export const shortPartition = partition({
  name: 'short-partition',
  what: 'a partition of 0.5 to 4 s heals, to the whole view everywhere',
  minMs: 500,
  maxMs: 4_000,
})

/** The connections are given up on both sides, and dialled again. */
export const longPartition = partition({
  name: 'long-partition',
  what: 'a partition of 6 to 30 s heals, to the whole view everywhere',
  minMs: 6_000,
  maxMs: 30_000,
})
