import { shardOf } from '@covey/protocol'
import { expect } from 'chai'
import { rejection } from '../covey/client-world.js'
import { endless, InspectedWorld } from './inspected-world.js'

const shards = 2

describe('The inspector of a cluster of several managers', () => {
  let world: InspectedWorld
  beforeEach(() => {
    world = new InspectedWorld(shards)
  })
  afterEach(() => world.close())

  it('lists the jobs of those that answer, and fails where none does', async () => {
    const second = world.node('m2', ['manager'])
    await world.start()
    await world.during(second.ready)
    const page = await world.page(await world.inspect({ limits: { answerDeadlineMs: 100 } }))
    const leaders = () =>
      page
        .of('cluster')
        .at(-1)
        ?.status?.shards.map(({ leader }) => leader) ?? []
    await world.until('each leads a shard', () => ['m1', 'm2'].every((name) => leaders().includes(name)))
    const ids = Array.from({ length: 8 }, (_, index) => `job-${index}`)
    const client = await world.client()
    await world.during(Promise.all(ids.map((id) => client.submit(endless, undefined, { id }))))
    const list = async () => {
      const jobs = await world.during(page.ask('jobs.list', {}))
      return jobs.map(({ id }) => id).toSorted()
    }
    expect(await list()).to.deep.equal(ids)
    const heard = leaders().indexOf('m1')
    world.broker.freeze('m2')
    expect(await list()).to.deep.equal(ids.filter((id) => shardOf(id, shards) === heard))
    world.broker.freeze('m1')
    expect(await rejection(list())).to.have.property('code', 'unavailable')
    world.broker.thaw('m1')
    world.broker.thaw('m2')
  })
})
