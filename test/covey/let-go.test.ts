import { limits, type Transition } from '@covey/protocol'
import { expect } from 'chai'
import type { ClientWorld } from './client-world.js'
import { lines, WatchedCluster } from './watched-cluster.js'
import type { WatchedNode } from './watched-node.js'

describe('Transitions of what is kept no more', () => {
  let cluster: WatchedCluster
  let world: ClientWorld

  const node = (name: string): Promise<WatchedNode> => cluster.node(name)
  const watch = (): Transition[] => cluster.watch()
  const losing = (act: () => void): Promise<void> => cluster.losing(act)

  beforeEach(async () => {
    cluster = await WatchedCluster.open()
    ;({ world } = cluster)
  })
  afterEach(() => cluster.close())

  it('K42 end with what is kept no more, and who comes later is told nothing of it', async () => {
    const m1 = await node('m1')
    m1.move('a', 'completed')
    m1.move('b', 'queued')
    const seen = watch()
    await world.pass(100)
    m1.letGo('a')
    await world.pass(10)
    expect(lines(seen)).to.deep.equal(['a >completed', 'b >queued', 'a completed>'])
    expect(lines(watch())).to.deep.equal(['b >queued'])
  })

  it('K42 end, by the state of who leads, with what was let go of while nobody could tell', async () => {
    const m1 = await node('m1')
    m1.move('a', 'completed')
    m1.move('b', 'queued')
    const seen = watch()
    await world.pass(100)
    await losing(() => m1.letGo('a', 'b'))
    await world.pass(limits.watchTtlMs)
    expect(lines(seen)).to.deep.equal(['a >completed', 'b >queued', 'a completed>', 'b queued>'])
    expect(watch()).to.deep.equal([])
  })

  it('K42 end with nothing by the state of a leader that lags behind what was told', async () => {
    const m1 = await node('m1')
    m1.move('a', 'queued')
    const seen = watch()
    await world.pass(100)
    // It leads by its own account, and has folded nothing.
    await node('m2')
    await world.pass(limits.watchTtlMs)
    expect(lines(seen)).to.deep.equal(['a >queued'])
  })

  it('are told one by one of so much that is let go of at once, and of more by the state', async () => {
    const m1 = await node('m1')
    const actors = Array.from({ length: limits.watchLetGoMax + 10 }, (_, index) => `a${index}`)
    for (const actor of actors) m1.move(actor, 'completed')
    const seen = watch()
    await world.pass(100)
    m1.letGo(...actors)
    await world.pass(10)
    const ends = () => seen.filter(({ to }) => to === '').map(({ actor }) => actor)
    expect(ends()).to.have.length(limits.watchLetGoMax)
    await world.pass(limits.watchTtlMs)
    expect(ends()).to.have.members(actors)
  })
})
