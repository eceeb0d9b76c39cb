import { limits, type Transition } from '@covey/protocol'
import { expect } from 'chai'
import type { Client, TransitionFilter } from 'covey'
import type { ClientWorld } from './client-world.js'
import { lines, WatchedCluster } from './watched-cluster.js'

describe('Transitions of a cluster', () => {
  let cluster: WatchedCluster
  let world: ClientWorld
  let client: Client

  const node = (...given: Parameters<WatchedCluster['node']>) => cluster.node(...given)
  const watch = (filter?: TransitionFilter): Transition[] => cluster.watch(filter)
  const losing = (act: () => void): Promise<void> => cluster.losing(act)

  beforeEach(async () => {
    cluster = await WatchedCluster.open()
    ;({ world, client } = cluster)
  })
  afterEach(() => cluster.close())

  it('K42 are the state first, then what follows, in order', async () => {
    const m1 = await node('m1')
    m1.move('a', 'queued')
    m1.move('b', 'queued')
    const seen = watch()
    await world.pass(100)
    expect(
      seen.map(({ actor, from, event, to, elapsedMs }) => [actor, from, event, to, elapsedMs]),
    ).to.deep.equal([
      ['a', '', '', 'queued', 0],
      ['b', '', '', 'queued', 0],
    ])
    m1.move('a', 'running')
    m1.move('a', 'completed')
    await world.pass(10)
    expect(lines(seen.slice(2))).to.deep.equal(['a queued>running', 'a running>completed'])
    expect(seen.at(-1)).to.include({ node: 'm1', generation: 1, kind: 'workflow', event: 'moved' })
  })

  it('K42 have no gap between the state and what moves while it is on its way', async () => {
    const m1 = await node('m1')
    for (let index = 0; index < 600; index += 1) m1.move(`a${index}`, 'queued')
    const seen = watch()
    for (let step = 0; step < 20; step += 1) {
      await world.pass(0.3)
      m1.move('a0', `s${step}`)
    }
    await world.pass(100)
    const walk = seen.filter(({ actor }) => actor === 'a0')
    expect(walk.at(-1)?.to).to.equal('s19')
    for (const [index, { from }] of walk.entries()) expect(from).to.equal(walk[index - 1]?.to ?? '')
    expect(new Set(seen.map(({ actor }) => actor)).size).to.equal(600)
  })

  it('K42 are made good by the state when some were lost, at the next that arrives', async () => {
    const m1 = await node('m1')
    m1.move('a', 'queued')
    const seen = watch()
    await world.pass(100)
    await losing(() => {
      m1.move('a', 'running')
      m1.move('b', 'queued')
    })
    m1.move('c', 'queued')
    await world.pass(100)
    expect(lines(seen)).to.deep.equal(['a >queued', 'a queued>running', 'b >queued', 'c >queued'])
  })

  it('K42 are made good when the last one was lost, at the next renewal', async () => {
    const m1 = await node('m1')
    const seen = watch()
    await world.pass(100)
    await losing(() => m1.move('a', 'queued'))
    await world.pass(limits.watchTtlMs / 2)
    expect(lines(seen)).to.deep.equal(['a >queued'])
  })

  it('K42 are made good after an outage that was longer than the watch lives', async () => {
    const m1 = await node('m1')
    m1.move('a', 'queued')
    const seen = watch()
    await world.pass(100)
    world.broker.cut('client-2')
    await world.pass(limits.watchTtlMs * 3)
    expect(m1.watchers).to.equal(0)
    m1.move('a', 'running')
    world.broker.heal('client-2')
    await world.pass(limits.watchTtlMs)
    expect(lines(seen)).to.deep.equal(['a >queued', 'a queued>running'])
  })

  it('of one chart told by two leaders are each told once, and what nobody told is made good', async () => {
    const m1 = await node('m1')
    const m2 = await node('m2')
    m2.leads = []
    const seen = watch()
    await world.pass(100)
    m1.move('a', 'queued', 1)
    m1.move('a', 'assigned', 2)
    await world.pass(10)
    await losing(() => m1.move('a', 'running', 3))
    m1.leads = []
    m2.charts.set('a', {
      kind: 'workflow',
      actor: 'a',
      state: 'running',
      at: { shard: 0, sequence: 3, index: 0 },
    })
    m2.leads = [0]
    m2.move('a', 'completed', 4)
    await world.pass(limits.watchTtlMs)
    expect(lines(seen)).to.deep.equal(['a >queued', 'a queued>assigned', 'a assigned>completed'])
  })

  it('come from nodes that join later, and end with those that depart', async () => {
    const m1 = await node('m1')
    m1.move('a', 'queued')
    const seen = watch()
    await world.pass(100)
    const m2 = await node('m2', 1, 0, [1])
    m2.move('b', 'queued', 50)
    await world.pass(100)
    await m1.depart()
    const again = await node('m1', 2, 60, [2])
    again.move('c', 'queued')
    await world.pass(100)
    expect(seen.map(({ node: name, generation, actor }) => [name, generation, actor])).to.deep.equal([
      ['m1', 1, 'a'],
      ['m2', 1, 'b'],
      ['m1', 2, 'c'],
    ])
  })

  it('pass by glob, machine and node', async () => {
    const [m1, m2] = [await node('m1'), await node('m2')]
    const [byActor, byKind, byNode] = [
      watch({ actor: 'j1/*' }),
      watch({ kind: 'peer' }),
      watch({ node: 'm2' }),
    ]
    await world.pass(100)
    m1.move('j1/a', 'queued', 1)
    m1.move('j2/a', 'queued', 2)
    m2.move('j1/b', 'queued', 3)
    await world.pass(100)
    expect(lines(byActor)).to.have.members(['j1/a >queued', 'j1/b >queued'])
    expect(byKind).to.deep.equal([])
    expect(lines(byNode)).to.deep.equal(['j1/b >queued'])
    expect(() => client.transitions({ node: 'no node' }))
      .to.throw()
      .with.property('code', 'invalid_id')
  })

  it('are asked for once however many subscribe, and no more when the last has gone', async () => {
    const m1 = await node('m1')
    m1.move('a', 'queued')
    const [first, second]: Transition[][] = [[], []]
    const one = client.transitions().subscribe((transition) => first?.push(transition))
    await world.pass(100)
    m1.move('a', 'running')
    await world.pass(10)
    const two = client.transitions().subscribe((transition) => second?.push(transition))
    expect(lines(second ?? [])).to.deep.equal(['a >running'])
    expect(m1.watchers).to.equal(1)
    one.unsubscribe()
    m1.move('a', 'completed')
    await world.pass(10)
    expect(lines(second ?? [])).to.deep.equal(['a >running', 'a running>completed'])
    two.unsubscribe()
    await world.pass(10)
    expect(m1.watchers).to.equal(0)
    expect(lines(first ?? [])).to.deep.equal(['a >queued', 'a queued>running'])
  })

  it('end with the client, and leave nothing behind', async () => {
    const m1 = await node('m1')
    watch()
    client.members$.subscribe()
    await world.pass(100)
    expect(m1.watchers).to.equal(1)
    await client.close()
    await world.pass(100)
    expect(m1.watchers).to.equal(0)
    expect(world.clock.size).to.equal(0)
  })
})
