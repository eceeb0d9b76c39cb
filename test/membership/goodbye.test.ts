import { byeMessage, departedFact, type GoodbyeReason, goodbyeReasons } from '@covey/protocol'
import { createWorld, type SimulatedWorld } from '@covey/simulator'
import { expect } from 'chai'

const seeds = [1, 2, 3, 4, 5]
const unkind = { latencyMinMs: 0, latencyMaxMs: 20, lostMessage: 0.05 }

describe('goodbye', () => {
  let world: SimulatedWorld
  const begin = (seed: number) => {
    world = createWorld({ seed, faults: unkind, nodes: { roles: ['manager', 'worker'] } })
    return world
  }
  afterEach(() => world.close())

  for (const seed of seeds) {
    it(`A3 of two nodes one says goodbye: the other has no member and no connection left (seed ${seed})`, async () => {
      const [one, two] = await begin(seed).formed(['s1', 's2'])
      expect(one!.view).to.equal('s2.1 active')
      await world.awaiting(two!.leave(), 2_000)
      await world.until(() => one!.view === 's2.1 departed', 2_000)
      await world.run(1_000)
      expect(one!.endings).to.deep.equal(['s2.1 left'])
      expect(one!.env.system.has('connection.s2')).to.equal(false)
      expect(one!.path('peer.s2')).not.to.include('suspect')
    })

    it(`A4 a goodbye reaches everybody and takes nobody along (seed ${seed})`, async () => {
      const [hub, one, two] = await begin(seed).formed(['hub', 'n1', 'n2'])
      await world.awaiting(one!.leave('maintenance'), 2_000)
      await world.until(() => hub!.view === 'n1.1 departed, n2.1 active', 1_500)
      await world.until(() => two!.view === 'hub.1 active, n1.1 departed', 1_500)
      expect(hub!.env.system.has('connection.n1')).to.equal(false)
    })
  }

  it('A5 a process that shuts down says goodbye first and is not missed', async () => {
    const [one, two] = await begin(1).formed(['s1', 's2'])
    await world.awaiting(
      two!.leave().then(() => two!.close()),
      2_000,
    )
    await world.run(20_000)
    expect(one!.endings).to.deep.equal(['s2.1 left'])
    expect(one!.view).to.equal('s2.1 departed')
  })

  it('A6 the goodbye of an unknown node makes no member and does no harm', async () => {
    const [one] = await begin(1).formed(['s1'])
    const stranger = world.broker.open('stranger')
    const bye = byeMessage.encode({ generation: 3, reason: 'manual_removal' })
    stranger.control.publish(world.subjects.news('bye', 'stranger'), bye)
    await world.run(1_000)
    expect(one!.view).to.equal('stranger.0 unverified')
    await world.run(10_000)
    expect(one!.view).to.equal('')
    const told = one!.news.filter((news) => news.kind === 'changed' && news.member.nodeId === 'stranger')
    expect(told, 'nobody is told of it, nor that it is forgotten').to.deep.equal([])
    expect(one!.membership.state()).to.equal('active')
    await world.awaiting(stranger.close(), 1_000)
  })

  for (const reason of goodbyeReasons) {
    it(`A8 a goodbye for ${reason} is one, and its reason is in the fact`, async () => {
      const [one, two] = await begin(1).formed(['s1', 's2'])
      await world.awaiting(two!.leave(reason), 2_000)
      await world.until(() => one!.view === 's2.1 departed', 500)
      const subject = world.subjects.fact('s2', 1, 'departed')
      const outcome = await world.awaiting(one!.env.links.facts.read(subject), 100)
      expect(outcome.kind).to.equal('found')
      const written: { kind: string; reason?: GoodbyeReason | string } =
        outcome.kind === 'found' ? departedFact.decode(outcome.fact.data) : { kind: 'none' }
      expect(written).to.include({ kind: 'left', reason })
    })
  }

  it('A9 a process that lives on after its goodbye never comes back by itself', async () => {
    const [one, two] = await begin(1).formed(['s1', 's2'])
    await world.awaiting(two!.leave(), 2_000)
    for (const laterMs of [5_000, 55_000, 240_000]) {
      await world.run(laterMs)
      expect(one!.view).to.equal('s2.1 departed')
      expect(two!.end).to.deep.equal({ state: 'departed', reason: 'left' })
    }
  })

  it('A9 rejoin() brings it back under a new generation, which nothing of the old one can harm', async () => {
    const [one, two] = await begin(1).formed(['s1', 's2'])
    await world.awaiting(two!.leave(), 2_000)
    two!.rejoin()
    await world.until(() => one!.view === 's2.2 active' && two!.self !== undefined, 5_000)
    expect(two!.self?.generation).to.equal(2)
    expect(one!.path('peer.s2').slice(-3)).to.deep.equal(['departed', 'reentering', 'active'])
    const late = byeMessage.encode({ generation: 1, reason: 'maintenance' })
    two!.env.links.control.publish(world.subjects.news('bye', 's2'), late)
    await world.run(5_000)
    expect(one!.members.find('s2')?.generation).to.equal(2)
    expect(one!.endings).to.deep.equal(['s2.1 left'])
  })
})
