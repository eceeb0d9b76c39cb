import { limits } from '@covey/protocol'
import { createWorld, type SimulatedNode, type SimulatedWorld } from '@covey/simulator'
import { expect } from 'chai'

describe('pulse', () => {
  let world: SimulatedWorld
  let nodes: SimulatedNode[]
  let node: SimulatedNode
  let others: SimulatedNode[]
  beforeEach(async () => {
    world = createWorld({ seed: 1, nodes: { roles: ['manager'] } })
    nodes = await world.formed(['a', 'b', 'c', 'd', 'e'])
    node = nodes[0] as SimulatedNode
    others = nodes.slice(1)
    await world.run(5_000)
  })
  afterEach(() => world.close())

  const busyAt = ({ members }: SimulatedNode): unknown => members.find('a')?.busy

  it('K28 a node whose event loop is blocked is busy to all others, and suspect to none', async () => {
    node.stall()
    await world.run(5_000)
    expect(others.map(busyAt)).to.deep.equal([true, true, true, true])
    node.thaw()
    await world.until(() => others.every((other) => busyAt(other) === undefined), 5_000)
    for (const other of others) expect(other.path('peer.a')).to.not.include('suspect')
    expect(node.generation).to.equal(1)
  })

  it('K28 others are told that a node is busy, and that it is so no more', async () => {
    const told: unknown[] = []
    others[0]?.members.onNews((news) => {
      if (news.kind === 'changed' && news.member.nodeId === 'a') told.push(news.member.busy)
    })
    node.stall()
    await world.run(5_000)
    node.thaw()
    await world.run(5_000)
    expect(told).to.deep.equal([true, undefined])
  })

  it('a node that is frozen is suspect within two seconds, departs, and comes back as another generation', async () => {
    node.freeze()
    await world.until(() => others.every(({ view }) => view.includes('a.1 suspect')), 2_000)
    await world.until(() => others.every(({ endings }) => endings.includes('a.1 crashed')), 10_000)
    await world.run(20_000)
    node.thaw()
    await world.until(() => others.every(({ view }) => view.includes('a.2 active')), 10_000)
    expect(node.path('node.a')).to.include('fenced')
  })

  it('K29 a node that wakes fences itself before it hears what came meanwhile', async () => {
    const order: string[] = []
    const { control, pulse } = node.env.links
    const stop = control.subscribe('test.late', () => order.push(node.membership.state()))
    pulse.onNews(({ kind }) => order.push(kind))
    await world.run(100)
    node.freeze()
    others[0]?.env.links.control.publish('test.late', new Uint8Array())
    await world.run(limits.wakeupLateMs + node.env.timings.workerSelfFenceMs)
    node.thaw()
    await world.run(10)
    stop()
    expect(order).to.deep.equal(['woken', 'fenced'])
  })
})
