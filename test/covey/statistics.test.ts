import { createSubjects, limits, statisticsMessage } from '@covey/protocol'
import { expect } from 'chai'
import type { Client } from 'covey'
import { rejection } from './client-world.js'
import { CountingCluster, hear, sums } from './counting-cluster.js'

describe('Statistics of a job', () => {
  let world: CountingCluster
  let client: Client

  beforeEach(async () => {
    world = new CountingCluster()
    client = await world.begin()
  })
  afterEach(() => world.close())

  it('come as its attempts run, and are exact when it has ended: a failed attempt counts nothing', async () => {
    const job = await world.during(client.submitJob({ id: 'j', workflows: world.steps(['', 'fails once']) }))
    const heard = hear(job.statistics$)
    await world.pass(12_000)
    expect(sums(heard.all.at(-1))).to.deep.equal({ orders: 12, ms: 6 })
    expect(await world.during(job.statistics())).to.deep.equal([])
    await world.pass(10_000)
    expect(sums(await world.during(client.statistics('j')))).to.deep.equal({ orders: 10, ms: 4 })
    expect(heard.isComplete).to.equal(false)
    expect(await world.during(job.ended())).to.equal('completed')
    await world.pass(2_000)
    expect(world.begun.get('j/s1')).to.equal(2)
    expect([heard.isComplete, sums(heard.all.at(-1))]).to.deep.equal([true, { orders: 20, ms: 8 }])
    const told = await world.during(job.statistics())
    expect(told).to.deep.equal(heard.all.at(-1))
    const windows = [...new Set(told.map(({ startMs }) => startMs))]
    expect(windows.length).to.be.above(3)
    expect(windows.filter((startMs) => startMs % limits.statisticsWindowMs !== 0)).to.deep.equal([])
    const late = hear(client.handle('j').statistics$)
    await world.pass(2_000)
    expect([late.isComplete, late.all]).to.deep.equal([true, [told]])
  })

  it('are exact though a worker is lost, frames are lost and doubled, and the leader is another', async () => {
    const job = await world.during(client.submitJob({ id: 'j', workflows: world.steps(['', '', '', '']) }))
    const heard = hear(job.statistics$)
    const subjects = createSubjects(world.cluster)
    const links = world.open('doubler')
    const stop = links.data.subscribe(subjects.statistics(0, 'j/*'), ({ subject, data }) => {
      // The first once more, and again when all is over.
      if (links.data.publish(subject, data)) stop()
      world.clock.setTimeout(() => links.data.publish(subject, data), 60_000)
    })
    await world.pass(12_000)
    world.broker.kill('w1')
    world.broker.kill('m1')
    const next = world.counter('w2')
    await world.during(next.ready)
    world.broker.faults.lostMessage = 0.05
    expect(await world.during(job.ended())).to.equal('completed')
    world.broker.faults.lostMessage = 0
    await world.pass(70_000)
    expect(sums(heard.all.at(-1))).to.deep.equal({ orders: 40, ms: 16 })
    expect(heard.isComplete).to.equal(true)
    expect(sums(await world.during(client.statistics('j')))).to.deep.equal({ orders: 40, ms: 16 })
  })

  it('have no part in a workflow that was cancelled, and none that was made up', async () => {
    const job = await world.during(client.submitJob({ id: 'j', workflows: world.steps(['', '']) }))
    const heard = hear(job.statistics$)
    await world.pass(7_000)
    expect(sums(heard.all.at(-1))).to.deep.equal({ orders: 6, ms: 4 })
    const links = world.open('stranger')
    const subjects = createSubjects(world.cluster)
    const value = new Uint8Array([0xc1])
    links.data.publish(subjects.statistics(0, 'j/s1'), new Uint8Array([1]))
    links.data.publish(
      subjects.statistics(0, 'j/s1'),
      statisticsMessage.encode({ workflow: 'j/s1', token: '9.9.9.9', number: 9, value }),
    )
    await world.during(client.cancel('j/s1'))
    await world.during(job.ended())
    await world.pass(2_000)
    expect([heard.isComplete, sums(heard.all.at(-1))]).to.deep.equal([true, { orders: 10, ms: 4 }])
  })

  it('are shared by all who subscribe, told no more than five times a second, and of no job not_found', async () => {
    const job = await world.during(client.submitJob({ id: 'j', workflows: world.steps(Array(8).fill('')) }))
    await world.pass(2_000)
    const one = hear(job.statistics$)
    await world.pass(1_000)
    const before = world.broker.interests
    const two = hear(client.handle('j').statistics$)
    await world.pass(1_000)
    expect(world.broker.interests).to.equal(before)
    const third = hear(job.statistics$)
    expect(third.all).to.deep.equal([one.all.at(-1)])
    await world.during(job.ended())
    await world.pass(2_000)
    expect(one.all.slice(-two.all.length)).to.deep.equal(two.all)
    // Two seconds apart its attempts say something new eight at a time.
    expect(one.all.length).to.be.within(4, 60)
    const none = hear(client.handle('none').statistics$)
    await world.pass(5_000)
    expect(none.error).to.have.property('code', 'not_found')
    expect(await rejection(world.during(client.statistics('none')))).to.have.property('code', 'not_found')
    expect(await rejection(client.statistics('no/job'))).to.have.property('code', 'invalid_id')
  })
})
