import { detectionOf, joinedFact, limits, type RefusalMessage, refusalMessage } from '@covey/protocol'
import { createWorld, type SimulatedNode, type SimulatedWorld } from '@covey/simulator'
import { expect } from 'chai'
import { ScriptedMember } from '../harness/scripted-member.js'

describe('S3 a node that joins', () => {
  let world: SimulatedWorld
  const evaders: ScriptedMember[] = []
  let questions = 0
  beforeEach(() => {
    world = createWorld({ seed: 1, nodes: { roles: ['manager'] } })
  })
  afterEach(async () => {
    await world.awaiting(Promise.all(evaders.splice(0).map(({ links }) => links.close())), 1_000)
    await world.close()
  })

  /** One that takes part, and says this to everybody who asks for its settings. */
  const evader = async (refusal: RefusalMessage): Promise<void> => {
    const member = new ScriptedMember(world, `x${evaders.length}`)
    evaders.push(member)
    member.links.control.subscribe(world.subjects.node(member.name, 1, 'session'), ({ reply }) => {
      questions += 1
      if (reply !== undefined) member.links.control.publish(reply, refusalMessage.encode(refusal))
    })
    await world.awaiting(member.join(), 1_000)
  }

  const wan = { timings: detectionOf.wan }

  it('with another profile than the others is refused, and told which, where, and what to do', async () => {
    const [a] = await world.formed(['a', 'b'])
    const node = world.node('c', wan)
    await world.until(() => node.notReady !== undefined, 5_000)
    expect(node.notReady).to.include({ code: 'incompatible', address: 'c' })
    expect(node.notReady?.message).to.match(
      /at [ab], the profile is wan here and lan there; digestIntervalMs is 10000 here and 2000 there/,
    )
    expect(node.notReady?.mend).to.include('--other-settings')
    expect(node.end).to.deep.include({ state: 'failed', reason: 'incompatible' })
    await world.until(() => a!.view === 'b.1 active, c.1 departed', 1_000)
    expect(a!.endings).to.deep.equal(['c.1 left'])
  })

  it('with a lease of its own is refused too', async () => {
    await world.formed(['a'])
    const node = world.node('b', { timings: { workerLeaseMs: 9_000 } })
    await world.until(() => node.notReady !== undefined, 5_000)
    expect(node.notReady?.message).to.include('at a, workerLeaseMs is 9000 here and 8000 there')
  })

  it('joins where nobody takes part any more, whatever settings were there before', async () => {
    const [a] = await world.formed(['a'])
    await world.awaiting(a!.leave(), 10_000)
    const node = world.node('b', wan)
    await world.until(() => node.self !== undefined, 5_000)
  })

  it('joins all the same for an operator who changes the settings of a cluster node by node', async () => {
    await world.formed(['a', 'b', 'c'])
    const changed = { ...wan, otherSettings: true }
    const [d, e] = [world.node('d', changed), world.node('e', changed)]
    await world.until(() => d!.self !== undefined && e!.self !== undefined, 5_000)
    // Most still have the old ones; who has those may come and go.
    const f = world.node('f')
    await world.until(() => f.self !== undefined, 5_000)
    expect(f.notices).to.deep.equal([])
  })

  it('in one moment with others, into an empty cluster, is refused where the first that joined has other settings', async () => {
    const [first, second, ...others] = ['a', 'b', 'c', 'd'].map((name, index) =>
      world.node(name, index === 1 ? wan : {}),
    )
    await world.until(() => second!.notReady !== undefined, 5_000)
    expect(second!.notReady).to.include({ code: 'incompatible' })
    expect(second!.notReady?.message).to.include('at a, the profile is wan here and lan there')
    await world.until(() => [first!, ...others].every(({ self }) => self !== undefined), 5_000)
    await world.run(10_000)
    for (const { notices } of [first!, ...others]) expect(notices).to.deep.equal([])
  })

  it('in one moment with others takes part with the same settings as all who do, whoever comes first', async () => {
    const isIn = ({ self }: SimulatedNode): boolean => self !== undefined
    const winners = new Set<string>()
    for (let seed = 1; seed <= 12; seed += 1) {
      await world.close()
      world = createWorld({ seed, faults: { latencyMinMs: 0, latencyMaxMs: 20 } })
      const [lan, other] = [
        [world.node('a'), world.node('b')],
        [world.node('c', wan), world.node('d', wan)],
      ]
      const nodes = [...lan, ...other]
      await world.until(() => nodes.every((node) => isIn(node) || node.notReady !== undefined), 10_000)
      const takingPart = [lan, other].filter((some) => some.some(isIn))
      expect(takingPart.flat().filter(isIn), `seed ${seed}`).to.have.length(2)
      expect(takingPart, `seed ${seed}`).to.have.length(1)
      winners.add(takingPart[0] === lan ? 'lan' : 'wan')
    }
    expect([...winners].toSorted()).to.deep.equal(['lan', 'wan'])
  })

  it('after one that died before it was active is not held up by that, whatever settings it had', async () => {
    const store = world.broker.open('store')
    const fact = {
      ...{ bootId: 'the-boot-of-a-dead-node', host: 'h', pid: 1, roles: [], slots: 0 },
      ...{ version: '1.0.0', since: '', configuration: 'of-other-settings' },
    }
    const subject = world.subjects.fact('dead', 1, 'joined')
    await world.awaiting(store.facts.create(subject, joinedFact.encode(fact)), 1_000)
    const node = world.node('a')
    await world.until(() => node.self !== undefined, 2_000)
    await world.awaiting(store.close(), 1_000)
  })

  it('all the same takes part beside those that differ, and both sides are told what it is, once', async () => {
    const [a] = await world.formed(['a'])
    const b = world.node('b', { ...wan, otherSettings: true })
    await world.until(() => b.self !== undefined, 5_000)
    await world.run(30_000)
    for (const { view, notices } of [a!, b]) {
      expect(view).to.include('active')
      expect(notices.map(({ kind }) => kind)).to.deep.equal(['session.refused'])
      expect(JSON.stringify(notices)).to.match(/digestIntervalMs is \d+ here and \d+ there/)
    }
  })

  it('is refused however late who takes part turns to its question: it is asked again while it answers probes', async () => {
    const [a] = await world.formed(['a'])
    a!.stall()
    const node = world.node('b', { timings: { workerLeaseMs: 9_000 } })
    await world.run(400)
    a!.thaw()
    await world.until(() => node.notReady !== undefined, 5_000)
    expect(node.notReady).to.include({ code: 'incompatible' })
  })

  it('is refused though as many say that they leave, or are of another version: they say nothing of settings', async () => {
    await world.formed(['a'])
    const refusals = [
      { reason: 'leaving', detail: 'this node leaves' },
      { reason: 'incompatible', detail: 'version: run one major version in a cluster' },
    ] as const
    for (const refusal of refusals) await evader(refusal)
    const node = world.node('c', wan)
    await world.until(() => node.notReady !== undefined || node.self !== undefined, 5_000)
    expect(node.notReady).to.include({ code: 'incompatible' })
    expect(node.notReady?.message).to.include('at a, the profile is wan here and lan there')
  })

  it('is refused by the next that take part where those that it asks first all leave, up to a number of them', async () => {
    const { greetedPeersMax, greetingRoundsMax } = limits
    const leaving = { reason: 'leaving', detail: 'this node leaves' } as const
    for (let count = 0; count < greetedPeersMax; count += 1) await evader(leaving)
    const [a] = await world.formed(['a'])
    const refused = world.node('c', wan)
    await world.until(() => refused.notReady !== undefined || refused.self !== undefined, 5_000)
    expect(refused.notReady).to.include({ code: 'incompatible' })
    expect(refused.notReady?.message).to.include('at a, the profile is wan here and lan there')

    await world.awaiting(a!.leave(), 20_000)
    while (evaders.length <= greetedPeersMax * greetingRoundsMax) await evader(leaving)
    questions = 0
    const node = world.node('d', wan)
    await world.until(() => node.self !== undefined, 5_000)
    expect(questions).to.equal(greetedPeersMax * greetingRoundsMax)
  })

  it('is refused wherever its link breaks while it asks: those are asked again whom it did not reach', async () => {
    Object.assign(world.broker.faults, { latencyMinMs: 5, latencyMaxMs: 5 })
    await world.formed(['a', 'b'])
    for (let afterMs = 0; afterMs <= 150; afterMs += 5) {
      const name = `late-${afterMs}`
      const node = world.node(name, wan)
      await world.run(afterMs)
      world.broker.disconnect(name)
      await world.until(() => node.notReady !== undefined, 10_000)
      expect(node.notReady, `${afterMs} ms after its start`).to.include({ code: 'incompatible' })
    }
  })

  it('is not held up by who does not answer', async () => {
    const frozen = await world.formed(['a', 'b'], wan)
    for (const node of frozen) node.freeze()
    const node = world.node('c')
    await world.until(() => node.self !== undefined, 2_000)
    for (const { clock } of frozen) clock.kill()
    for (const node of frozen) node.kill()
  })
})
