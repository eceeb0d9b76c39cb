import { expect } from 'chai'
import { JobWorld } from './job-world.js'

const [workers, slots] = [4, 50]
const count = workers * slots

describe('results while nobody leads', function () {
  this.timeout(60_000)
  let cluster: JobWorld

  beforeEach(async () => {
    cluster = new JobWorld(1)
    for (const name of ['m1', 'm2']) cluster.manager(name)
    for (let number = 0; number < workers; number += 1) cluster.worker(`w${number}`, slots)
    await cluster.world.until(() => cluster.leaders().length === 1, 10_000)
    await cluster.world.run(2_000)
  })
  afterEach(() => cluster.close())

  it('S-F14 that come in one instant are each delivered once, and run once, after a minute without managers', async () => {
    const client = await cluster.client
    const untilMs = cluster.world.heap.now() + 5_000
    const step = { name: 'sleep', input: { untilMs } }
    const workflows = Object.fromEntries(Array.from({ length: count }, (_, index) => [`s${index}`, step]))
    await cluster.world.awaiting(client.submitJob({ id: 'job', workflows }), 4_000)
    await cluster.world.until(() => cluster.executions.length === count, 4_000)
    const ends = new Map<string, number>()
    const following = client.transitions({ kind: 'workflow' }).subscribe(({ actor, event, to }) => {
      if (to === 'completed' && event !== '') ends.set(actor, (ends.get(actor) ?? 0) + 1)
    })
    const results = Promise.all(Object.keys(workflows).map((name) => client.result(`job/${name}`)))
    for (const name of ['m1', 'm2']) cluster.kill(name)
    await cluster.world.run(60_000)
    expect(cluster.executions.every(({ endMs }) => endMs !== undefined)).to.equal(true)
    cluster.manager('m3')
    expect(await cluster.world.awaiting(results, 30_000)).to.deep.equal(new Array(count).fill(1))
    await cluster.world.run(5_000)
    expect(cluster.executions).to.have.length(count)
    expect(await cluster.world.awaiting(client.summary('job'), 5_000)).to.include({ ended: count })
    expect([...ends.values()].filter((times) => times > 1)).to.deep.equal([])
    following.unsubscribe()
  })
})
