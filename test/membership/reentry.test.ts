import type { NodePart } from '@covey/actors'
import { departedFact } from '@covey/protocol'
import type { SimulatedNode } from '@covey/simulator'
import { createWorld, type SimulatedWorld } from '@covey/simulator'
import { expect } from 'chai'

describe('re-entry', () => {
  let world: SimulatedWorld
  let row: string[]
  let sleeper: SimulatedNode
  let others: SimulatedNode[]

  const recorder = (): NodePart => ({
    open: ({ generation }) => row.push(`open ${generation}`),
    activate: () => row.push('activate'),
    drain: () => Promise.resolve({ clean: true }),
    fence: () => row.push('fence'),
    close: () => row.push('close'),
  })
  const begin = async (seed: number, count: number): Promise<void> => {
    world = createWorld({
      seed,
      faults: { latencyMinMs: 0, latencyMaxMs: 10 },
      nodes: { roles: ['manager'] },
    })
    row = []
    others = await world.formed(['b', 'c', 'd', 'e', 'f', 'g'].slice(0, count))
    sleeper = world.node('a', { parts: () => [recorder()] })
    await world.until(() => others.every((node) => node.members.find('a')?.state === 'active'), 5_000)
    await world.run(4_000)
  }
  afterEach(() => world.close())

  for (const seed of [1, 2, 3, 4, 5]) {
    it(`S12 a node departed while it slept fences, and comes back under a new generation (seed ${seed})`, async () => {
      await begin(seed, 6)
      sleeper.freeze()
      await world.run(5_000)
      expect(others[0]!.members.find('a')?.state).to.equal('departed')
      sleeper.thaw()
      await world.until(() => others.every((node) => node.members.find('a')?.state === 'active'), 5_000)
      await world.run(100)
      expect(row).to.deep.equal(['open 1', 'activate', 'fence', 'close', 'open 2', 'activate'])
      for (const node of others) {
        expect(node.endings).to.deep.equal(['a.1 crashed'])
        expect(node.path('peer.a').slice(-4)).to.deep.equal(['suspect', 'departed', 'reentering', 'active'])
      }
    })

    it(`S11 a sleep longer than the lease fences before anything else (seed ${seed})`, async () => {
      await begin(seed, 1)
      sleeper.freeze()
      await world.run(6_800)
      expect(row).to.deep.equal(['open 1', 'activate'])
      sleeper.thaw()
      await world.run(1)
      expect(row.slice(2, 3)).to.deep.equal(['fence'])
      expect(sleeper.members.find('a')?.state).to.equal('fenced')
      await world.until(() => others[0]!.view === 'a.2 active', 5_000)
      await world.run(100)
      expect(row.slice(3)).to.deep.equal(['close', 'open 2', 'activate'])
      expect(others[0]!.endings).to.deep.equal(['a.1 superseded'])
    })
  }

  it('a node that has ended before it was active comes back as one, and never as joining after its end', async () => {
    await begin(1, 2)
    const newcomer = world.node('x')
    const own = () => newcomer.members.find('x')
    await world.until(() => own()?.state === 'joining' && own()?.generation === 1, 1_000)
    world.broker.cut('x', 'toBroker')
    const store = world.broker.open('store')
    const body = departedFact.encode({ kind: 'exited', by: 'launcher' })
    await world.awaiting(store.facts.create(world.subjects.fact('x', 1, 'departed'), body), 1_000)
    await world.awaiting(store.close(), 1_000)
    await world.until(() => newcomer.membership.state() === 'reentering', 5_000)
    world.broker.heal('x')
    await world.until(() => newcomer.membership.state() === 'active', 10_000)
    const told = newcomer.news.flatMap((news) =>
      news.kind === 'changed' && news.member.nodeId === 'x'
        ? [`${news.member.generation} ${news.member.state}`]
        : [],
    )
    expect(told).to.deep.equal(['1 joining', '1 reentering', '2 reentering', '2 active'])
  })

  it('a node that was replaced while it slept ends as superseded', async () => {
    await begin(1, 1)
    sleeper.freeze()
    await world.run(1_000)
    const successor = world.node('a')
    await world.until(() => successor.self !== undefined, 5_000)
    await world.run(7_000)
    sleeper.thaw()
    await world.until(() => sleeper.end !== undefined, 3_000)
    expect(sleeper.end).to.deep.include({ state: 'departed', reason: 'superseded' })
    expect(row).to.include('fence')
    expect(successor.membership.state()).to.equal('active')
  })

  it('a node that has no broker for minutes goes on trying to come back', async () => {
    await begin(1, 6)
    world.broker.cut('a')
    await world.until(() => others[0]!.members.find('a')?.state === 'departed', 30_000)
    await world.run(300_000)
    world.broker.heal('a')
    await world.until(() => others.every((node) => node.members.find('a')?.state === 'active'), 10_000)
    // Others may read the fact before its acknowledgement has come.
    await world.until(() => sleeper.membership.state() === 'active', 100)
    expect(sleeper.members.find('a')?.generation).to.equal(2)
  })
})
