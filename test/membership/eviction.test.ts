import { evictMessage, limits, type OrderAnswer, orderAnswer, readmitMessage } from '@covey/protocol'
import { createWorld, type SimulatedNode, type SimulatedWorld } from '@covey/simulator'
import { expect } from 'chai'

describe('eviction', () => {
  let world: SimulatedWorld
  let one: SimulatedNode
  let two: SimulatedNode
  let worker: SimulatedNode
  const begin = async (seed = 1): Promise<void> => {
    world = createWorld({ seed, faults: { latencyMinMs: 0, latencyMaxMs: 10 } })
    const managers = await world.formed(['m1', 'm2'], { roles: ['manager'] })
    ;[one, two] = [managers[0]!, managers[1]!]
    worker = world.node('w')
    await world.until(() => one.view === 'm2.1 active, w.1 active' && two.view.endsWith('w.1 active'), 5_000)
  }
  afterEach(() => world.close())

  const order = async (channel: 'evict' | 'readmit', frame: Uint8Array, by = 'm1'): Promise<OrderAnswer> => {
    const operator = world.broker.open('operator')
    const subject = world.subjects.channel(by, 1, channel)
    const outcome = await world.awaiting(operator.control.request(subject, frame, 3_000), 3_000)
    await world.awaiting(operator.close(), 1_000)
    if (outcome.kind !== 'reply') throw new Error(outcome.kind)
    return orderAnswer.decode(outcome.data)
  }
  const evict = (node: string, by?: string) =>
    order('evict', evictMessage.encode({ node, reason: 'it is sick' }), by)
  const takeIn = (node: string, evicted: number, by?: string) =>
    order('readmit', readmitMessage.encode({ node, evicted }), by)
  const readmit = async (node: string, by?: string): Promise<OrderAnswer> => {
    const { evicted, ...answer } = await order('readmit', readmitMessage.encode({ node }), by)
    return evicted === undefined ? answer : takeIn(node, evicted, by)
  }
  const refused = async (node: SimulatedNode): Promise<string> => {
    await world.until(() => node.notReady !== undefined && node.end !== undefined, 20_000)
    return `${node.notReady?.code} ${node.notReady?.mend}`
  }

  it('S14 who is evicted stops for good, and nobody of its name may join', async () => {
    await begin()
    expect(await evict('w')).to.deep.equal({ generation: 1 })
    await world.until(() => worker.end !== undefined, 500)
    expect(worker.end).to.deep.include({ state: 'departed', reason: 'evicted' })
    expect(worker.end?.error?.mend).to.include('covey readmit w')
    for (const replace of [false, true]) {
      expect(await refused(world.node('w', { replace })))
        .to.include('evicted')
        .and.include('covey readmit w')
    }
    worker.rejoin()
    expect(await refused(worker)).to.include('evicted')
    expect(two.endings).to.deep.equal(['w.1 evicted'])
    expect(two.view).to.equal('m1.1 active, w.1 departed')
  })

  it('S14 who was taken in again joins as the generation after the one that was used up for it', async () => {
    await begin()
    await evict('w')
    expect(await readmit('w', 'm2')).to.deep.equal({ generation: 2 })
    const next = world.node('w')
    await world.until(() => one.view === 'm2.1 active, w.3 active' && next.self !== undefined, 5_000)
    await world.run(2_000)
    expect(two.endings).to.deep.equal(['w.1 evicted', 'w.2 left'])
    expect(one.path('peer.w').slice(-3)).to.deep.equal(['departed', 'reentering', 'active'])
  })

  it('S14 K46 whoever comes long after a name was taken in again finds that it ended, and no fact of it once it has joined', async () => {
    await begin()
    await evict('w')
    await readmit('w')
    await world.run(3 * limits.factPurgeIntervalMs)
    const late = world.node('late')
    await world.until(() => late.self !== undefined, 5_000)
    expect([late.members.find('w')?.state, late.members.endOf('w', 1)?.how]).to.deep.equal([
      'departed',
      'evicted',
    ])
    const next = world.node('w')
    await world.until(() => next.self !== undefined, 5_000)
    await world.run(3 * limits.factPurgeIntervalMs)
    const store = world.broker.open('store')
    const facts = await world.awaiting(store.facts.list(world.subjects.factsOf('w')), 1_000)
    await world.awaiting(store.close(), 1_000)
    expect(facts.map(({ subject }) => subject.split('.').slice(-2).join(' '))).to.deep.equal([
      '1 joined',
      '3 joined',
      '3 active',
    ])
  })

  it('A7 is done once: who is out, or in, is left so, and who never was cannot be', async () => {
    await begin()
    expect(await readmit('w')).to.deep.equal({ generation: 1 })
    expect(await evict('w')).to.deep.equal({ generation: 1 })
    expect(await evict('w', 'm2')).to.deep.equal({ generation: 1 })
    expect(await readmit('w')).to.deep.equal({ generation: 2 })
    expect(await readmit('w')).to.deep.equal({ generation: 2 })
    for (const asked of [evict, readmit]) {
      const { error } = await asked('nobody')
      expect(error).to.include({ code: 'not_found', address: 'nobody' })
    }
  })

  it('S14 an order to take a name in that is late undoes no eviction that was ordered since', async () => {
    await begin()
    await evict('w')
    expect(await order('readmit', readmitMessage.encode({ node: 'w' }))).to.deep.equal({
      generation: 1,
      evicted: 1,
    })
    expect(await refused(world.node('w')), 'a question takes nobody in').to.include('evicted')
    expect(await takeIn('w', 1)).to.deep.equal({ generation: 2 })
    expect(await evict('w')).to.deep.equal({ generation: 3 })
    expect(await takeIn('w', 1, 'm2'), 'the same order again').to.deep.equal({ generation: 3 })
    expect(await refused(world.node('w'))).to.include('evicted')
  })

  it('S14 a name that nobody serves is put out as well, also by its process that lives on', async () => {
    await begin()
    await world.awaiting(worker.leave(), 5_000)
    expect(await evict('w')).to.deep.equal({ generation: 2 })
    worker.rejoin()
    expect(await refused(worker)).to.include('evicted')
    await readmit('w')
    worker.rejoin()
    await world.until(() => one.view === 'm2.1 active, w.4 active', 5_000)
  })

  it('the last manager is not evicted, since nobody could take it in again; one of two is, by its own hand', async () => {
    await begin()
    expect(await evict('m1', 'm1')).to.deep.equal({ generation: 1 })
    await world.until(() => one.end !== undefined, 1_000)
    const { error } = await evict('m2', 'm2')
    expect(error).to.include({ code: 'last_manager', address: 'm2' })
    await world.run(2_000)
    expect(two.membership.state()).to.equal('active')
  })

  for (const seed of Array.from({ length: 12 }, (_, index) => index + 1)) {
    it(`S14 no moment of joining slips past an eviction, nor past a store that is old or lossy (seed ${seed})`, async () => {
      await begin(seed)
      worker.kill()
      Object.assign(world.broker.faults, { lostAcknowledgement: 0.2, acknowledgementTimeoutMs: 200 })
      const joiner = world.node('w')
      await world.run(world.random.next() * 80)
      for (let answer = await evict('w'); answer.error !== undefined; answer = await evict('w')) {
        expect(answer.error.code).to.equal('unavailable')
      }
      await world.until(() => joiner.end !== undefined, 30_000)
      expect(joiner.end?.reason).to.equal('evicted')
      // What facts are purged of must not be what keeps it out.
      await world.run(200_000)
      expect(await refused(world.node('w'))).to.include('evicted')
      Object.assign(world.broker.faults, { lostAcknowledgement: 0 })
      await readmit('w')
      const next = world.node('w')
      await world.until(() => next.self !== undefined, 10_000)
    })
  }
})
