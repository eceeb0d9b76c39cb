import type { Experiment } from './experiment.js'
import { FormedCluster } from './formed-cluster.js'

const patienceMs = 120_000
/** The last process has been started again by then. */
const withinMs = 10_000
/** From the end of a process to the start of the next under its name. */
const gapMs = { min: 100, max: 1_000 }

/** Every process is killed and started again, each in its own moment of ten seconds. */
export const massRestart: Experiment = {
  name: 'mass-restart',
  nodes: 1_000,
  seeds: 200,
  measures: [
    {
      name: 'active',
      what: 'all nodes restarted within 10 s, from the first kill to all active and seen by all',
      unit: 'ms',
      targets: [{ statistic: 'worst', max: 15_000 }],
    },
  ],
  async run(run) {
    const cluster = new FormedCluster(run)
    await cluster.form()
    const { world, chance } = cluster
    let restarts = 0
    for (const node of cluster.up()) {
      const gap = chance.between(gapMs.min, gapMs.max)
      const killedAtMs = chance.between(0, withinMs - gap)
      world.heap.setTimeout(() => node.kill(), killedAtMs)
      world.heap.setTimeout(() => {
        cluster.start(node.name)
        restarts += 1
      }, killedAtMs + gap)
    }
    return {
      active: await cluster.timeUntilWhole(() => restarts === run.nodes, patienceMs),
    }
  },
}
