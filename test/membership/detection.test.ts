import { voteMessage } from '@covey/protocol'
import type { SimulatedNode } from '@covey/simulator'
import { createWorld, type SimulatedWorld } from '@covey/simulator'
import { expect } from 'chai'

const seeds = [1, 2, 3]
const seven = ['a', 'b', 'c', 'd', 'e', 'f', 'g']

describe('detection', () => {
  let world: SimulatedWorld
  const begin = (seed: number, faults: object = {}) => {
    world = createWorld({
      seed,
      faults: { latencyMinMs: 0, latencyMaxMs: 10, ...faults },
      nodes: { roles: ['manager'] },
    })
    return world
  }
  const settled = async (names: readonly string[]): Promise<SimulatedNode[]> => {
    const nodes = await world.formed(names)
    await world.run(4_000)
    return nodes
  }
  const endingsOf = (nodes: readonly SimulatedNode[]) => nodes.flatMap((node) => node.endings)
  afterEach(() => world.close())

  for (const seed of seeds) {
    it(`O14 a killed node of seven is departed by votes in a few seconds (seed ${seed})`, async () => {
      begin(seed)
      const [victim, ...others] = await settled(seven)
      victim!.kill()
      const tookMs = await world.until(
        () => others.every((node) => node.endings.includes('a.1 crashed')),
        6_000,
      )
      expect(tookMs).to.be.lessThan(4_000)
      await world.run(10_000)
      expect(new Set(endingsOf(others))).to.deep.equal(new Set(['a.1 crashed']))
    })

    it(`K13 the survivor of two waits for the whole lease, then departs the other (seed ${seed})`, async () => {
      begin(seed)
      const [a, b] = await settled(['a', 'b'])
      b!.kill()
      await world.run(7_500)
      expect(a!.endings).to.deep.equal([])
      expect(a!.view).to.equal('b.1 suspect')
      await world.until(() => a!.view === 'b.1 departed', 3_000)
    })

    it(`P6 the survivor of two that was sick gets well by being in time, and departs the other (seed ${seed})`, async () => {
      begin(seed)
      const [a, b] = await settled(['a', 'b'])
      for (let pause = 0; pause < 8; pause += 1) {
        a!.freeze()
        await world.run(400)
        a!.thaw()
        if (pause === 0) b!.kill()
        await world.run(10)
      }
      await world.until(() => a!.view === 'b.1 departed', 30_000)
    })

    it(`K13 the dead block nobody: of five three die at once and are departed (seed ${seed})`, async () => {
      begin(seed)
      const [a, b, ...victims] = await settled(seven.slice(0, 5))
      for (const victim of victims) victim.kill()
      const expected = ['c.1 crashed', 'd.1 crashed', 'e.1 crashed']
      await world.until(() => a!.endings.length === 3 && b!.endings.length === 3, 20_000)
      expect(a!.endings.toSorted()).to.deep.equal(expected)
    })

    it(`K14 a broker that restarts departs nobody (seed ${seed})`, async () => {
      begin(seed)
      const nodes = await settled(seven)
      for (const downMs of [90, 400, 3_000, 12_000]) {
        world.broker.stop()
        await world.run(downMs)
        world.broker.start()
        await world.run(10_000)
      }
      expect(endingsOf(nodes)).to.deep.equal([])
      expect(world.report()).not.to.match(/suspect|departed/)
    })

    it(`K14 two nodes that lose their links again and again are never departed (seed ${seed})`, async () => {
      begin(seed)
      const nodes = await settled(['a', 'b'])
      for (let round = 0; round < 10; round += 1) {
        for (const node of nodes) if (world.random.next() < 0.7) world.broker.disconnect(node.name)
        await world.run(world.random.next() * 4_000)
      }
      await world.run(3_000)
      expect(endingsOf(nodes)).to.deep.equal([])
    })

    it(`K14 lost messages make suspects at most (seed ${seed})`, async () => {
      begin(seed, { lostMessage: 0.1 })
      const nodes = await settled(seven)
      await world.run(60_000)
      expect(endingsOf(nodes)).to.deep.equal([])
    })
  }

  it('K14 a node that finds its broker again seconds after the others is not departed by them', async () => {
    begin(1)
    const nodes = await settled(seven.slice(0, 6))
    const redial = (ms: number) => Object.assign(world.broker.faults, { redialMinMs: ms, redialMaxMs: ms })
    redial(2_800)
    world.broker.disconnect('a')
    redial(250)
    for (const { name } of nodes.slice(1)) world.broker.disconnect(name)
    await world.run(20_000)
    expect(nodes[1]!.path('peer.a')).to.include('suspect')
    expect(endingsOf(nodes)).to.deep.equal([])
  })

  for (const seed of seeds) {
    it(`K14 a third of the peers gone at once is taken for the network, for as long as a lease (seed ${seed})`, async () => {
      begin(seed)
      const nodes = await settled(seven.slice(0, 6))
      Object.assign(world.broker.faults, { redialMinMs: 5_000, redialMaxMs: 5_000 })
      for (const name of ['a', 'b']) world.broker.disconnect(name)
      await world.run(20_000)
      expect(nodes[2]!.path('peer.a')).to.include('suspect')
      expect(endingsOf(nodes)).to.deep.equal([])
    })
  }

  it('S5 a node that hears itself suspected says that it lives', async () => {
    begin(1)
    const [a, b] = await settled(['a', 'b', 'c'])
    let heard = 0
    a!.env.links.control.subscribe(world.subjects.news('gossip', 'c'), () => {
      heard += 1
    })
    await world.run(100)
    const suspects = [{ node: 'c', generation: 1, incarnation: 0 }]
    const vote = voteMessage.encode({ generation: 1, number: 1_000, health: 0, suspects })
    b!.env.links.control.publish(world.subjects.news('vote', 'b'), vote)
    await world.run(60)
    expect(heard).to.equal(1)
    expect(a!.view).to.equal('b.1 active, c.1 active')
  })

  it('invariant 17 a node that sleeps and lags has no vote', async () => {
    begin(1)
    const [a, b, c] = await settled(['a', 'b', 'c'])
    c!.kill()
    for (let round = 0; round < 40; round += 1) {
      for (const node of [a!, b!]) node.freeze()
      await world.run(400)
      for (const node of [a!, b!]) node.thaw()
      await world.run(100)
    }
    expect(a!.endings).to.deep.equal([])
    await world.until(() => a!.endings.includes('c.1 crashed'), 15_000)
  })
})
