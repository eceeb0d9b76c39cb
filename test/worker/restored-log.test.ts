import { CoveyError } from '@covey/protocol'
import { expect } from 'chai'
import { controlled } from './controlled-workflow.js'
import { makeLedWorld } from './worker-world.js'

describe('a worker of a shard whose log was restored', () => {
  it('K11 stops all that was assigned before, exclusive or not, and obeys no leader of an older stream epoch', async () => {
    const [exclusive, shared] = [controlled('exclusive'), controlled('shared', { exclusive: false })]
    const world = await makeLedWorld({ workflows: [exclusive, shared], slots: 4 })
    const old = world.lead(7)
    old.ask([], true)
    await world.pass(10)
    const given = [old.next('exclusive'), old.next('shared', { exclusive: false })]
    const late = old.next('shared')
    old.run(given)
    await world.pass(10)
    Object.assign(world.leader, { opens: false, grants: false })
    Object.assign(old, { opens: false, grants: false })
    const next = world.lead(3, 2)
    next.ask([], true)
    await world.pass(10)
    for (const { token, name } of given) {
      const run = (name === 'shared' ? shared : exclusive).runs.get(token)
      const reason: unknown = run?.attempt.signal.reason
      expect(reason).to.be.instanceOf(CoveyError).with.property('code', 'fenced')
      expect(String(reason)).to.include('the log of the shard was restored')
      expect(next.reportsOf(token).at(-1)).to.include({ kind: 'burnt', reason: 'fenced' })
    }
    old.run([late])
    await world.pass(10)
    expect(shared.runs.has(late.token)).to.equal(false)
    await world.pass(1_100)
    expect(next.lastRenewal).to.include({ streamEpoch: 2, epoch: 3 })
    const first = next.next('shared')
    next.run(
      [first],
      given.map(({ token }) => token),
    )
    await world.pass(10)
    expect(shared.runs.has(first.token)).to.equal(true)
    await world.close()
  })

  it('K11 tells the next leader how far the log went, also in its next generation', async () => {
    const shared = controlled('shared')
    const world = await makeLedWorld({ workflows: [shared] })
    const { leader } = world
    await world.pass(1_100)
    const { seen } = leader.lastRenewal
    expect(seen?.streamEpoch).to.equal(1)
    leader.run([leader.next('shared')])
    await world.pass(1_100)
    const later = leader.lastRenewal.seen
    expect(later?.sequence).to.be.greaterThan(seen?.sequence ?? Number.NaN)
    world.part.close()
    leader.opens = false
    world.part.open({ nodeId: 'w1', generation: 2, bootId: 'boot' })
    world.part.activate()
    await world.pass(20)
    expect(leader.lastRenewal).to.deep.include({ generation: 2, streamEpoch: 0, seen: later })
    await world.close()
  })

  it('K11 tells the next leader of the term before it too, until that has answered', async () => {
    const world = await makeLedWorld({ workflows: [controlled('shared')] })
    const { leader } = world
    await world.pass(1_100)
    const before = leader.lastRenewal.seen
    expect(before?.term).to.equal(leader.term)
    Object.assign(leader, { opens: false, grants: false })
    const next = world.lead(8)
    next.grants = false
    next.ask([], true)
    await world.pass(10)
    expect(next.lastRenewal.seen?.term).to.equal(next.term)
    expect(next.lastRenewal.seenBefore?.map(({ term }) => term)).to.deep.equal([before?.term])
    next.grants = true
    await world.pass(2_100)
    expect(next.lastRenewal.seen?.term).to.equal(next.term)
    expect(next.lastRenewal.seenBefore).to.equal(undefined)
    await world.close()
  })
})
