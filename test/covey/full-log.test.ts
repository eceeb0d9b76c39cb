import { expect } from 'chai'
import { rejection } from './client-world.js'
import { ClusterWorld, double } from './cluster-world.js'

describe('A cluster whose log is full', () => {
  let world: ClusterWorld
  beforeEach(() => {
    world = new ClusterWorld()
  })
  afterEach(() => world.close())

  it('tells who submits to look for room, and takes the same job once when there is some', async () => {
    await world.during(world.node('a').ready)
    const client = await world.client()
    const before = await world.during(client.submit(double, 1, { id: 'before' }))
    expect(await world.during(before.result())).to.equal(2)
    const { storeBytesMax } = world.broker.faults
    const { log } = storeBytesMax
    storeBytesMax.log = 0
    const submit = (deadlineMs: number) => client.submit(double, 4, { id: 'job', deadlineMs })
    const error = await world.during(rejection(submit(10_000)))
    expect(error).to.include({ code: 'no_leader', retryable: true })
    expect(error).to.have.property('mend').that.includes('room to write')
    storeBytesMax.log = log
    const job = await world.during(submit(20_000))
    expect(await world.during(job.result())).to.equal(8)
    expect(await world.during(before.result())).to.equal(2)
    const { jobs } = await world.during(client.status())
    expect(jobs).to.deep.equal({ running: 0, completed: 2, failed: 0, cancelled: 0 })
  })
})
