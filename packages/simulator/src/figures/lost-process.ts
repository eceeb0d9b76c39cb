import type { SimulatedNode } from '../simulated-node.js'
import type { Experiment, ExperimentRun, Measure, Sample } from './experiment.js'
import { FormedCluster } from './formed-cluster.js'
import { Sightings } from './sightings.js'

const patienceMs = 60_000
/** A connection to a host that is gone is believed in for longer than any of this takes. */
const cutNoticedAfterMs = 10 * patienceMs

async function lose(run: ExperimentRun, end: (victim: SimulatedNode) => void): Promise<Sample> {
  const cluster = new FormedCluster(run, { cutNoticedAfterMs })
  await cluster.form()
  const { world, chance } = cluster
  const victim = chance.pick(cluster.up())
  const sightings = new Sightings(world, victim)
  const startMs = world.heap.now()
  end(victim)
  await cluster.timeUntil(() => sightings.isDepartedEverywhere, patienceMs)
  return {
    suspected: sightings.suspectedEverywhereMs - startMs,
    departed: sightings.departedEverywhereMs - startMs,
  }
}

const departed = (what: string, p99Ms: number, p50Ms?: number): Measure => ({
  ...{ name: 'departed', what: `${what}, to departed everywhere`, unit: 'ms' },
  targets: [
    ...(p50Ms === undefined ? [] : [{ statistic: 'p50', max: p50Ms } as const]),
    { statistic: 'p99', max: p99Ms },
  ],
})

/** A process is killed, and nobody but the broker sees it: its connections close at once. */
export const killedProcess: Experiment = {
  name: 'killed-process',
  nodes: 64,
  seeds: 200,
  measures: [
    {
      name: 'suspected',
      what: 'a process killed without a parent, to suspected everywhere',
      unit: 'ms',
      targets: [{ statistic: 'p50', max: 100 }],
    },
    departed('a process killed without a parent', 3_500, 2_500),
  ],
  run: (run) => lose(run, (victim) => victim.kill()),
}

/** A host is lost without a word: its connections stay open, and are silent. */
export const lostHost: Experiment = {
  name: 'lost-host',
  nodes: 64,
  seeds: 200,
  measures: [departed('a host lost without a word', 3_500, 2_500)],
  run: (run) => lose(run, (victim) => victim.vanish()),
}

/** The same, in a thousand. */
export const lostHostOfThousand: Experiment = {
  ...lostHost,
  name: 'lost-host-of-1000',
  nodes: 1_000,
  measures: [departed('a host lost without a word', 4_000)],
}
