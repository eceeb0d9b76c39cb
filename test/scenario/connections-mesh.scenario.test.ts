import type { SimulatedNode } from '@covey/simulator'
import { expect } from 'chai'
import { TalkingCluster } from './talking-cluster.js'

const seeds = [1, 2]
const trio = ['a', 'b', 'c']

/** How often the connections of a node came into a state. */
const timesIn = (node: SimulatedNode, state: string): number =>
  node.transitions.filter(({ kind, to }) => kind === 'connection' && to === state).length

describe('connections of a cluster', function () {
  this.timeout(60_000)
  let cluster: TalkingCluster
  afterEach(() => cluster.world.close())

  const begin = async (seed: number, names: readonly string[], faults = {}): Promise<SimulatedNode[]> => {
    cluster = new TalkingCluster(seed, faults)
    const nodes = names.map((name) => cluster.node(name))
    await cluster.agreed()
    return nodes
  }

  for (const seed of seeds) {
    it(`N1 N5 nodes that start together form one mesh, a session a pair, and nothing is dialled twice after (seed ${seed})`, async () => {
      const nodes = await begin(seed, ['a', 'b', 'c', 'd', 'e'])
      for (const node of nodes) expect(node.membership.sessions.views().size).to.equal(4)
      const dials = nodes.map((node) => timesIn(node, 'dialing'))
      await cluster.world.run(30_000)
      expect(nodes.map((node) => timesIn(node, 'dialing'))).to.deep.equal(dials)
      expect(cluster.isAgreed).to.equal(true)
    })

    it(`N2 N8 a peer that is cut off for a minute is no loop of dials, and no error in a log (seed ${seed})`, async () => {
      const [a, b] = await begin(seed, trio, { cutNoticedAfterMs: 3_000 })
      cluster.world.broker.cut('b')
      const before = [timesIn(a!, 'dialing'), timesIn(b!, 'dialing')] as const
      await cluster.world.run(60_000)
      // It has departed meanwhile, and nobody dials what has departed; whoever has no link dials nobody.
      expect(timesIn(a!, 'dialing') - before[0]).to.be.at.most(2)
      expect(timesIn(b!, 'dialing') - before[1]).to.be.at.most(4)
      cluster.world.broker.heal('b')
      await cluster.agreed()
      for (const { notices, defects } of cluster.world.nodes) {
        expect(defects).to.deep.equal([])
        expect(notices.filter(({ kind }) => kind === 'session.refused')).to.deep.equal([])
      }
    })

    it(`N3 B15 a cluster that was split is one again, with one session a pair (seed ${seed})`, async () => {
      await begin(seed, ['a', 'b', 'c', 'd', 'e'])
      const { world } = cluster
      for (const name of ['d', 'e']) world.broker.cut(name)
      await world.run(20_000)
      for (const name of ['d', 'e']) world.broker.heal(name)
      await cluster.agreed()
      await world.run(10_000)
      expect(cluster.isAgreed).to.equal(true)
    })

    it(`N4 a node that crashed comes back under its name, with the next generation, and is spoken to (seed ${seed})`, async () => {
      const [a, , c] = await begin(seed, trio)
      c!.kill()
      const heard: string[] = []
      const again = cluster.node('c', { chat: (text) => heard.push(text) })
      await cluster.agreed()
      await cluster.world.awaiting(cluster.send(a!, 'c', 'chat', 'welcome back'), 1_000)
      expect([again.generation, heard]).to.deep.equal([2, ['welcome back']])
      expect(a!.membership.sessions.view('c')?.context.generation).to.equal(2)
    })

    it(`N23 with nodes that come and go every 5 s, what was said to be dealt with was (seed ${seed})`, async () => {
      await begin(seed, trio)
      const { world } = cluster
      const heard = new Set<string>()
      const dealtWith: string[] = []
      const read = { log: (text: string) => heard.add(text) }
      const steady = cluster.node('reader', read)
      for (let round = 1; round <= 6; round += 1) {
        const guest = cluster.node(`guest${round % 2}`)
        const text = `round ${round}`
        const sent = cluster.insist(guest, 'reader', 'log', text).then(() => dealtWith.push(text))
        await world.run(4_000)
        if (round % 3 === 0) guest.kill()
        else await world.awaiting(guest.leave(), 20_000)
        await world.run(1_000)
        if (round % 3 !== 0) await world.awaiting(sent, 10_000)
      }
      await cluster.agreed()
      expect(dealtWith).to.have.length.at.least(4)
      expect([...heard]).to.include.members(dealtWith)
      expect(steady.membership.sessions.views().size).to.be.at.most(5)
    })

    it(`B1 B2 three nodes, a fourth that comes, and goes: everybody sees the same, with a session each (seed ${seed})`, async () => {
      const nodes = await begin(seed, trio)
      const fourth = cluster.node('d')
      await cluster.agreed()
      expect(fourth.membership.sessions.views().size).to.equal(3)
      await cluster.world.awaiting(fourth.leave(), 20_000)
      await cluster.agreed()
      for (const node of nodes) {
        expect(node.membership.sessions.view('d')).to.equal(undefined)
        expect(node.membership.sessions.views().size).to.equal(2)
      }
    })

    it(`B10 a node that was put out and keeps sending harms nobody, and is told so (seed ${seed})`, async () => {
      const [a, b, c] = await begin(seed, trio)
      const heard: string[] = []
      cluster.channels(a!).read('chat', ({ from }) => heard.push(from))
      const { world } = cluster
      const removed = world.awaiting(b!.leave('manual_removal'), 20_000)
      const codes: string[] = []
      for (let index = 0; index < 20; index += 1) {
        cluster.send(b!, 'a', 'chat', 'still here').catch(({ code }: { code: string }) => codes.push(code))
      }
      await removed
      const before = heard.length
      cluster.send(b!, 'a', 'chat', 'and still').catch(({ code }: { code: string }) => codes.push(code))
      await world.run(2_000)
      expect(heard).to.have.length(before)
      expect(new Set(codes)).to.deep.equal(new Set(['unreachable']))
      await world.awaiting(cluster.send(c!, 'a', 'chat', 'mine'), 1_000)
      expect(heard.at(-1)).to.equal('c')
      await cluster.agreed()
    })

    it(`B11 five nodes that join 100 ms apart are all there (seed ${seed})`, async () => {
      cluster = new TalkingCluster(seed)
      for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
        cluster.node(name)
        await cluster.world.run(100)
      }
      await cluster.agreed(5_000)
      expect(cluster.up).to.have.length(6)
    })

    it(`B17 of two that hear each other one way only none stays half connected (seed ${seed})`, async () => {
      await begin(seed, trio, { cutNoticedAfterMs: 2_000 })
      const { world } = cluster
      world.broker.cut('b', seed % 2 === 0 ? 'toBroker' : 'toProcess')
      await world.run(15_000)
      world.broker.heal('b')
      await cluster.agreed()
    })
  }
})
