import type { SimulatedNode } from '@covey/simulator'
import { createWorld, type SimulatedWorld } from '@covey/simulator'
import { expect } from 'chai'

const names = ['a', 'b', 'c']

/** The sessions of a node, each with its state: `b open <session>`. */
const sessionWith = (node: SimulatedNode, peer: string): { state: unknown; session: unknown } => {
  const snapshot = node.env.system.snapshot(`connection.${peer}`) as
    | { value: unknown; context: { session: unknown } }
    | undefined
  return { state: snapshot?.value, session: snapshot?.context.session }
}

const isMeshed = (nodes: readonly SimulatedNode[]): boolean =>
  nodes.every((one) => nodes.every((other) => one === other || sessionWith(one, other.name).state === 'open'))

describe('formation', () => {
  let world: SimulatedWorld
  const begin = (seed: number) => {
    world = createWorld({
      seed,
      faults: { latencyMinMs: 0, latencyMaxMs: 20 },
      nodes: { roles: ['manager'] },
    })
    return world
  }
  afterEach(() => world.close())

  for (let seed = 1; seed <= 20; seed += 1) {
    it(`N1 N14 three nodes started at once hold one session a pair, the same on both sides (seed ${seed})`, async () => {
      const nodes = await begin(seed).formed(names)
      await world.until(() => isMeshed(nodes), 5_000)
      await world.run(5_000)
      expect(isMeshed(nodes)).to.equal(true)
      for (const one of nodes) {
        expect(
          one.env.system.addresses().filter((address) => address.startsWith('connection.')),
        ).to.have.length(2)
        for (const other of nodes.filter((node) => node !== one)) {
          expect(sessionWith(one, other.name).session).to.equal(sessionWith(other, one.name).session)
          expect(one.path(`peer.${other.name}`)).not.to.include('suspect')
        }
      }
    })
  }

  for (const seed of [1, 2, 3, 4, 5]) {
    it(`N2 a link that is lost and found is one transition a session, and ends nobody (seed ${seed})`, async () => {
      const nodes = await begin(seed).formed(names)
      await world.until(() => isMeshed(nodes), 5_000)
      await world.run(4_000)
      const [a, b] = nodes
      const before = b!.path('connection.a').length
      world.broker.disconnect('b-2')
      await world.until(() => sessionWith(b!, 'a').state === 'backoff', 1_000)
      await world.run(20_000)
      expect(isMeshed(nodes)).to.equal(true)
      const lost = b!
        .path('connection.a')
        .slice(before)
        .filter((state) => state === 'backoff')
      expect(lost.length).to.be.within(1, 4)
      expect(a!.path('connection.b').filter((state) => state === 'backoff').length).to.be.at.most(2)
      for (const node of nodes) expect(node.endings).to.deep.equal([])
      expect(world.report().match(/suspect/)).to.equal(null)
      expect(b!.notices).to.have.length.at.most(3)
    })
  }

  it('N10 the first node of a cluster is ready without anybody to greet', async () => {
    const node = begin(1).node('first')
    const tookMs = await world.until(() => node.self !== undefined, 1_000)
    expect(tookMs).to.be.lessThan(500)
    expect(node.self).to.include({ nodeId: 'first', generation: 1 })
    expect(node.members.find('first')?.state).to.equal('active')
  })

  it('N11 a second start of a node is no second node', async () => {
    const node = begin(1).node('a')
    node.env.system.send(node.membership.address, { type: 'node.start' })
    await world.until(() => node.self !== undefined, 1_000)
    node.env.system.send(node.membership.address, { type: 'node.start' })
    await world.run(2_000)
    expect(node.path('node.a')).to.deep.equal(['idle', 'dialing', 'joining', 'active'])
    expect(() => node.rejoin()).to.throw('lives in this process already')
  })
})
