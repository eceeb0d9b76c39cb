import { departedFact, parseSubject } from '@covey/protocol'
import type { Chance } from '../chance.js'
import type { SimulatedNode } from '../simulated-node.js'
import type { Experiment, Measure } from './experiment.js'
import { FormedCluster } from './formed-cluster.js'

interface Range {
  readonly min: number
  readonly max: number
}

/** Virtual time of one seed: with 64 nodes and 200 seeds, ten million seconds of nodes. */
const seedLastsMs = 785_000
const lostMessage = 0.2
const stalledShare = 1 / 4
const flakyMax = 5
/** A stall is shorter than the time after which a node gives its generation up by itself (S11). */
const stallMs: Range = { min: 30, max: 5_000 }
const dropMs: Range = { min: 50, max: 800 }
const calmMs: Range = { min: 200, max: 5_000 }

/** As many short ones as long ones, on every scale. */
const anyScale = (chance: Chance, { min, max }: Range): number => min * (max / min) ** chance.between(0, 1)

/** A trouble that comes and goes. */
interface Trouble {
  readonly lastsMs: Range
  begin(): void
  end(): void
}

function recur({ world, chance }: FormedCluster, { lastsMs, begin, end }: Trouble): void {
  const again = (): void => {
    begin()
    world.heap.setTimeout(
      () => {
        end()
        world.heap.setTimeout(again, anyScale(chance, calmMs))
      },
      anyScale(chance, lastsMs),
    )
  }
  world.heap.setTimeout(again, anyScale(chance, calmMs))
}

const stall = (node: SimulatedNode): Trouble => ({
  lastsMs: stallMs,
  begin: () => node.stall(),
  end: () => node.thaw(),
})

const flaky = ({ world, chance }: FormedCluster, { address }: SimulatedNode): Trouble => {
  const direction = chance.pick(['both', 'toBroker', 'toProcess'] as const)
  return {
    lastsMs: dropMs,
    begin: () => world.broker.cut(address, direction),
    end: () => world.broker.heal(address),
  }
}

/** Draws who stalls and whose link is flaky, and lets it begin. Answers who they are. */
function beginTroubles(cluster: FormedCluster): ReadonlySet<string> {
  const { chance } = cluster
  const healthy = cluster.up()
  const troubled = new Set<string>()
  const take = (): SimulatedNode => {
    const node = chance.pick(healthy)
    healthy.splice(healthy.indexOf(node), 1)
    troubled.add(node.name)
    return node
  }
  const stalls = Math.floor(healthy.length * stalledShare)
  for (let count = 0; count < stalls; count += 1) recur(cluster, stall(take()))
  for (let count = 0; count < flakyMax && healthy.length > 1; count += 1)
    recur(cluster, flaky(cluster, take()))
  return troubled
}

/** Who departed by votes, once for each time, as the facts say it. */
function watchCrashes({ world }: FormedCluster): readonly string[] {
  const crashed: string[] = []
  world.broker.open('observer').facts.watch(world.subjects.facts, {
    onFact({ subject, data }) {
      const fact = parseSubject(world.subjects.cluster, subject)
      if (fact?.kind !== 'fact' || fact.phase !== 'departed') return
      if (departedFact.decode(data).kind === 'crashed') crashed.push(fact.node)
    },
  })
  return crashed
}

const departures = (name: string, what: string): Measure => ({
  ...{ name, what, unit: 'departures' },
  targets: [{ statistic: 'sum', max: 0 }],
  nodeSecondsMin: 10_000_000,
})

/** Nobody dies here: a quarter of the nodes stall, five links are flaky, a fifth of all messages is lost. */
export const falseDepartures: Experiment = {
  name: 'false-departures',
  nodes: 64,
  seeds: 200,
  measures: [
    departures('healthy', 'false departures of nodes with which nothing is wrong'),
    departures('troubled', 'false departures of nodes that stall or have a flaky link'),
  ],
  async run(run) {
    const cluster = new FormedCluster(run)
    const { world } = cluster
    await cluster.form()
    const crashed = watchCrashes(cluster)
    world.broker.faults.lostMessage = lostMessage
    const troubled = beginTroubles(cluster)
    const durationMs = run.durationMs ?? seedLastsMs
    await world.run(durationMs)
    const ofTroubled = crashed.filter((name) => troubled.has(name)).length
    const nodeSeconds = (run.nodes * durationMs) / 1_000
    return { healthy: crashed.length - ofTroubled, troubled: ofTroubled, nodeSeconds }
  },
}
