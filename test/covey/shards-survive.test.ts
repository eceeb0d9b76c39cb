import { shardRanks } from '@covey/machines'
import { expect } from 'chai'
import { type Client, defineWorkflow, type RunningNode } from 'covey'
import { ClusterWorld } from './cluster-world.js'

const shards = 6

describe('the shards of a cluster', () => {
  let world: ClusterWorld
  let client: Client
  const managers = new Map<string, RunningNode>()
  const running = new Map<string, number>()
  let most = 0
  const brief = defineWorkflow({
    name: 'brief',
    version: '1',
    retry: { attempts: 5 },
    async run({ workflow, input }) {
      running.set(workflow, (running.get(workflow) ?? 0) + 1)
      most = Math.max(most, running.get(workflow) ?? 0)
      await new Promise((resolve) => world.clock.setTimeout(() => resolve(undefined), 200))
      running.set(workflow, (running.get(workflow) ?? 0) - 1)
      return input
    },
  })

  beforeEach(async () => {
    world = new ClusterWorld(shards)
    managers.clear()
    running.clear()
    most = 0
    for (const name of ['m1', 'm2', 'm3']) managers.set(name, world.node(name, ['manager']))
    const workers = ['w1', 'w2'].map((name) => world.node(name, ['worker'], [brief], 3))
    client = await world.client()
    await world.during(Promise.all([...managers.values(), ...workers].map((node) => node.ready)))
    await world.during(client.status())
  })
  afterEach(() => world.close())

  const leads = (...names: string[]): string[] => {
    const firsts = shardRanks(names, shards).map(([first]) => first)
    return names.map((name) => `${name} ${firsts.flatMap((first, shard) => (first === name ? [shard] : []))}`)
  }
  const led = (...names: string[]): string[] => names.map((name) => `${name} ${managers.get(name)?.leads()}`)

  it('H16: lose no work and run none twice at a time while managers die, leave and come; each has its share again after', async () => {
    await world.pass(20_000)
    expect(led('m1', 'm2', 'm3')).to.deep.equal(leads('m1', 'm2', 'm3'))
    const jobs = await world.during(
      Promise.all(Array.from({ length: 60 }, (_, index) => client.submit(brief, index))),
    )
    const results = Promise.all(jobs.map((job) => job.result()))
    await world.pass(300)
    world.broker.kill('m1')
    await world.pass(2_000)
    await world.during(managers.get('m2')?.leave() ?? Promise.resolve())
    managers.set('m4', world.node('m4', ['manager']))
    expect(await world.during(results)).to.deep.equal(jobs.map((_, index) => index))
    expect(most).to.equal(1)
    await world.pass(30_000)
    expect(led('m3', 'm4')).to.deep.equal(leads('m3', 'm4'))
    const { shards: shown, jobs: counts } = await world.during(client.status())
    expect(shown.filter(({ leader }) => leader === null)).to.deep.equal([])
    expect(counts).to.deep.equal({ running: 0, completed: 60, failed: 0, cancelled: 0 })
  })
})
