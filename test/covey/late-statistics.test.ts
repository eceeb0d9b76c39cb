import { expect } from 'chai'
import type { Client } from 'covey'
import { CountingCluster, hear, sums } from './counting-cluster.js'

describe('Statistics of a job, for who comes late', () => {
  let world: CountingCluster
  let client: Client

  beforeEach(async () => {
    world = new CountingCluster()
    client = await world.begin()
  })
  afterEach(() => world.close())

  it('begin for who comes late with all that is known, though nothing is counted for long, and count no window twice', async () => {
    const workflows = {
      s0: { workflow: world.seldom },
      s1: { workflow: world.count, input: '' },
      s2: { workflow: world.seldom },
    }
    const job = await world.during(client.submitJob({ id: 'j', workflows }))
    const other = await world.during(client.submit(world.seldom))
    await world.pass(22_000)
    const early = hear(job.statistics$)
    await world.pass(200)
    for (const manager of ['m1', 'm2']) world.broker.freeze(manager)
    const late = hear((await world.client()).handle('j').statistics$)
    await world.pass(500)
    expect(late.all, 'without what has ended it is not all').to.deep.equal([])
    for (const manager of ['m1', 'm2']) world.broker.thaw(manager)
    await world.pass(2_000)
    const known = { orders: 16, ms: 6 }
    expect([early, late].map(({ all }) => all.map(sums))).to.deep.equal([[known], [known]])
    await world.during(job.ended())
    await world.pass(2_000)
    expect(sums(late.all.at(-1))).to.deep.equal({ orders: 22, ms: 8 })
    expect(early.all.at(-1)).to.deep.equal(late.all.at(-1))
    await world.during(other.ended())
  })

  it('are asked for until a worker answers, and when the link is up again: who is silent holds nobody up', async () => {
    const job = await world.during(
      client.submitJob({ id: 'j', workflows: { s0: { workflow: world.seldom } } }),
    )
    await world.pass(20_000)
    const late = await world.client()
    world.broker.faults.lostMessage = 1
    const heard = hear(late.handle('j').statistics$)
    await world.pass(500)
    world.broker.faults.lostMessage = 0
    await world.pass(1_000)
    expect(heard.all.map(sums)).to.deep.equal([{}])
    await world.pass(3_000)
    expect(heard.all.map(sums)).to.deep.equal([{}, { orders: 3, ms: 1 }])
    world.broker.cut('client-3')
    world.broker.disconnect('client-3')
    await world.pass(8_000)
    world.broker.heal('client-3')
    await world.pass(10_000)
    expect(sums(heard.all.at(-1)), 'it counted while nothing was heard').to.deep.equal({ orders: 6, ms: 2 })
    await world.during(job.ended())
    await world.pass(2_000)
    expect([heard.isComplete, sums(heard.all.at(-1))]).to.deep.equal([true, { orders: 6, ms: 2 }])
  })
})
