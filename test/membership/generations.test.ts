import type { NodePart, Self } from '@covey/actors'
import { activeFact, departedFact, joinedFact, singleServerTimings } from '@covey/protocol'
import { createWorld, type SimulatedNode, type SimulatedWorld } from '@covey/simulator'
import { expect } from 'chai'

const seeds = [1, 2, 3, 4, 5, 6, 7, 8]

/** A part that writes down what is asked of it. */
const recorder = (row: string[]): NodePart => ({
  open: (self: Self) => row.push(`open ${self.generation}`),
  activate: () => row.push('activate'),
  drain: () => Promise.resolve({ clean: row.push('drain') > 0 }),
  fence: () => row.push('fence'),
  close: () => row.push('close'),
})

describe('generations', () => {
  let world: SimulatedWorld
  const begin = (seed: number, faults: object = {}) => {
    world = createWorld({
      seed,
      faults: { latencyMinMs: 0, latencyMaxMs: 20, ...faults },
      // What such stores cost in time may be more than the usual deadline.
      nodes: { roles: ['manager'], timings: { readyDeadlineMs: 60_000 } },
    })
    return world
  }
  afterEach(() => world.close())

  const joined = (bootId: string) =>
    joinedFact.encode({ bootId, host: 'h', pid: 1, roles: [], slots: 0, version: '1.0.0', since: '' })

  for (const seed of seeds) {
    it(`K12 a generation is not won twice after a purge, whatever stale reads say (seed ${seed})`, async () => {
      const store = begin(seed).broker.open('store')
      for (let generation = 1; generation <= 5; generation += 1) {
        const bootId = `boot-${generation}-of-former-lives`
        const subject = (phase: 'joined' | 'active') => world.subjects.fact('x', generation, phase)
        await world.awaiting(store.facts.create(subject('joined'), joined(bootId)), 1_000)
        await world.awaiting(store.facts.create(subject('active'), activeFact.encode({ bootId })), 1_000)
      }
      for (let old = 1; old <= 4; old += 1) {
        await world.awaiting(store.facts.purge(`covey.test.member.x.${old}.>`), 1_000)
      }
      world.broker.faults.staleRead = 0.7
      const watcher = world.node('watcher')
      const x = world.node('x')
      const isUp = ({ membership }: SimulatedNode): boolean => membership.state() === 'active'
      await world.until(() => isUp(x) && isUp(watcher), 60_000)
      world.broker.faults.staleRead = 0
      expect(x.generation).to.be.greaterThan(5)
      await world.until(() => watcher.view === `x.${x.generation} active`, 2_000)
      await world.awaiting(store.close(), 1_000)
    })

    it(`K12 a claim whose acknowledgement is lost is found again by its boot id (seed ${seed})`, async () => {
      const faults = { lostAcknowledgement: 0.6, lostWrite: 0.2, acknowledgementTimeoutMs: 200 }
      const nodes = await begin(seed, faults).formed(['a', 'b', 'c'], {}, 30_000)
      await world.until(() => nodes.every((node) => node.membership.state() === 'active'), 30_000)
      expect(nodes.map(({ name, members }) => members.find(name)?.generation)).to.deep.equal([1, 1, 1])
    })

    it(`K15 a name that is alive is refused, and its owner is not disturbed (seed ${seed})`, async () => {
      const row: string[] = []
      const owner = begin(seed).node('a', { parts: () => [recorder(row)] })
      await world.until(() => owner.self !== undefined, 2_000)
      const intruder = world.node('a')
      await world.until(() => intruder.end !== undefined, 2_000)
      expect(intruder.end).to.deep.include({ state: 'failed', reason: 'name_in_use' })
      expect(intruder.notReady?.code).to.equal('name_in_use')
      expect(row).to.deep.equal(['open 1', 'activate'])
      expect(owner.membership.state()).to.equal('active')
    })

    it(`K15 of two that start under one name at once exactly one goes on (seed ${seed})`, async () => {
      const twins = [begin(seed).node('a'), world.node('a')]
      await world.run(10_000)
      expect(twins.filter((twin) => twin.membership.state() === 'active')).to.have.length(1)
      expect(twins.filter((twin) => twin.end !== undefined)).to.have.length(1)
    })
  }

  for (const seed of seeds) {
    it(`K14 K15 a name is taken while its owner dials again after a restart of the broker (seed ${seed})`, async () => {
      const owner = begin(seed).node('a')
      await world.until(() => owner.self !== undefined, 2_000)
      world.broker.stop()
      await world.run(1_000)
      world.broker.start()
      const intruder = world.node('a')
      await world.until(() => intruder.end !== undefined, 10_000)
      expect(intruder.end).to.deep.include({ state: 'failed', reason: 'name_in_use' })
      await world.run(2_000)
      expect([owner.membership.state(), owner.generation]).to.deep.equal(['active', 1])
    })
  }

  it('K12 a fact that cannot be read has taken its generation all the same', async () => {
    const store = begin(1).broker.open('store')
    const subject = world.subjects.fact('x', 5, 'joined')
    await world.awaiting(store.facts.create(subject, new Uint8Array([0xc1])), 1_000)
    const x = world.node('x')
    await world.until(() => x.self !== undefined, 5_000)
    expect(x.generation).to.equal(6)
    await world.awaiting(store.close(), 1_000)
  })

  it('K15 with --replace the successor takes over, and the superseded stops its work and ends', async () => {
    const row: string[] = []
    const watcher = begin(1).node('watcher')
    const old = world.node('a', { parts: () => [recorder(row)] })
    await world.until(() => old.self !== undefined && watcher.self !== undefined, 2_000)
    const successor = world.node('a', { replace: true })
    await world.until(() => watcher.view === 'a.2 active', 2_000)
    await world.until(() => old.end !== undefined, 1_000)
    expect(old.end).to.deep.include({ state: 'departed', reason: 'superseded' })
    expect(row).to.deep.equal(['open 1', 'activate', 'fence', 'close'])
    expect(watcher.endings).to.deep.equal(['a.1 superseded'])
    expect(watcher.members.endOf('a', 1)).to.include({ how: 'superseded', dirty: false })
    await world.run(20_000)
    expect([successor.membership.state(), watcher.view]).to.deep.equal(['active', 'a.2 active'])
  })

  it('K15 a name whose owner was killed is free once nobody can be on his way back to it', async () => {
    const owner = begin(1).node('a')
    await world.until(() => owner.self !== undefined, 2_000)
    owner.kill()
    const next = world.node('a')
    const tookMs = await world.until(() => next.self !== undefined, 3_000)
    expect(next.self?.generation).to.equal(2)
    expect(tookMs).to.be.within(singleServerTimings.redialMaxMs, 2_000)
  })

  it('K15 a name whose owner is known to have ended is free at once', async () => {
    const owner = begin(1).node('a')
    await world.until(() => owner.self !== undefined, 2_000)
    owner.kill()
    const store = world.broker.open('store')
    const ended = departedFact.encode({ kind: 'exited', by: 'm', reason: 'SIGKILL' })
    await world.awaiting(store.facts.create(world.subjects.fact('a', 1, 'departed'), ended), 1_000)
    const next = world.node('a')
    const tookMs = await world.until(() => next.self !== undefined, 2_000)
    expect(tookMs).to.be.lessThan(500)
    await world.awaiting(store.close(), 1_000)
  })

  it('rejoin() is a new node of the same process: its parts open again under the next generation', async () => {
    const row: string[] = []
    const node = begin(1).node('a', { parts: () => [recorder(row)] })
    await world.until(() => node.self !== undefined, 2_000)
    await world.awaiting(node.leave('cluster_rebalance'), 2_000)
    expect(row).to.deep.equal(['open 1', 'activate', 'drain', 'close'])
    row.length = 0
    node.rejoin()
    await world.until(() => node.self !== undefined, 2_000)
    expect(node.self?.generation).to.equal(2)
    expect(row).to.deep.equal(['open 2', 'activate'])
  })
})
