import { exitedMessage, orderAnswer } from '@covey/protocol'
import type { SimulatedNode } from '../simulated-node.js'
import type { Experiment } from './experiment.js'
import { FormedCluster } from './formed-cluster.js'
import { Sightings } from './sightings.js'

const patienceMs = 30_000
const answerDeadlineMs = 1_000

/** What a launcher does when a child exits: it tells a manager (K49). */
async function tellExit({ world }: FormedCluster, victim: SimulatedNode, told: SimulatedNode): Promise<void> {
  const parent = world.broker.open('parent')
  const { bootId } = victim.membership
  const pid = victim.members.find(victim.name)?.pid ?? 0
  const frame = exitedMessage.encode({ node: victim.name, pid, bootId, how: 'SIGKILL' })
  const subject = world.subjects.channel(told.name, told.generation, 'exited')
  const outcome = await parent.control.request(subject, frame, answerDeadlineMs)
  if (outcome.kind !== 'reply' || orderAnswer.decode(outcome.data).error !== undefined) {
    throw new Error(`the manager has not noted the exit: ${outcome.kind}`)
  }
}

/** An exit that the parent of the process sees, to departed everywhere. */
export const seenExit: Experiment = {
  name: 'seen-exit',
  nodes: 64,
  seeds: 200,
  measures: [
    {
      name: 'departed',
      what: 'an exit that its parent sees, to departed everywhere',
      unit: 'ms',
      targets: [{ statistic: 'p50', max: 200 }],
    },
  ],
  async run(run) {
    const cluster = new FormedCluster(run)
    await cluster.form()
    const { world, chance } = cluster
    const victim = chance.pick(cluster.up())
    const managers = cluster
      .up()
      .filter((node) => node !== victim && node.members.find(node.name)?.roles.includes('manager'))
    const sightings = new Sightings(world, victim)
    const startMs = world.heap.now()
    victim.kill()
    const telling = tellExit(cluster, victim, chance.pick(managers))
    await cluster.timeUntil(() => sightings.isDepartedEverywhere, patienceMs)
    await world.awaiting(telling, 2 * answerDeadlineMs)
    return { departed: sightings.departedEverywhereMs - startMs }
  },
}
