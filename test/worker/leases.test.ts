import { CoveyError } from '@covey/protocol'
import { expect } from 'chai'
import { controlled } from './controlled-workflow.js'
import type { FakeLeader } from './fake-leader.js'
import { makeLedWorld } from './worker-world.js'

describe('the lease of a worker', () => {
  const selfFenceMs = 6_000
  let exclusive: ReturnType<typeof controlled>
  let stubborn: ReturnType<typeof controlled>
  let shared: ReturnType<typeof controlled>
  let world: Awaited<ReturnType<typeof makeLedWorld>>
  let leader: FakeLeader

  beforeEach(async () => {
    exclusive = controlled('exclusive')
    stubborn = controlled('stubborn', {}, false)
    shared = controlled('shared', { exclusive: false })
    world = await makeLedWorld({ workflows: [exclusive, stubborn, shared], slots: 3 })
    leader = world.leader
  })
  afterEach(() => world.close())

  async function start(name: string) {
    const dispatch = leader.next(name, { exclusive: name !== 'shared' })
    leader.run([dispatch])
    await world.pass(5)
    return dispatch
  }

  it('K7 counts from the sending of the granted renewal, not from the grant', async () => {
    const { token } = await start('exclusive')
    leader.grants = false
    while (leader.withheld.length === 0) await world.pass(1)
    const arrivedAtMs = world.clock.now()
    await world.pass(900)
    leader.grant(leader.withheld[0] ?? '')
    const signal = exclusive.runs.get(token)?.attempt.signal
    await world.pass(arrivedAtMs + selfFenceMs - world.clock.now() - 10)
    expect(signal?.aborted).to.equal(false)
    await world.pass(10)
    expect(signal?.aborted).to.equal(true)
    expect(world.part.view().state).to.equal('fenced')
  })

  for (const attempts of [1, 3]) {
    it(`K7 is over to the millisecond, with ${attempts} of 3 slots taken, however late it was granted last`, async () => {
      const signals: AbortSignal[] = []
      while (signals.length < attempts) {
        const run = exclusive.runs.get((await start('exclusive')).token)
        if (run) signals.push(run.attempt.signal)
      }
      await world.pass(20_400)
      const sentAtMs = world.clock.now() + 1
      leader.ask([], true)
      await world.pass(10)
      leader.grants = false
      await world.pass(sentAtMs + selfFenceMs - world.clock.now() - 1)
      expect(signals.map(({ aborted }) => aborted)).not.to.include(true)
      await world.pass(5)
      expect(signals.map(({ aborted }) => aborted)).not.to.include(false)
    })
  }

  it('K7 aborts exclusive work with `fenced`, and lets the other go on under its token', async () => {
    const one = await start('exclusive')
    const other = await start('shared')
    leader.grants = false
    await world.pass(selfFenceMs)
    const reason: unknown = exclusive.runs.get(one.token)?.attempt.signal.reason
    expect(reason).to.be.instanceOf(CoveyError).with.property('code', 'fenced')
    expect(leader.reportsOf(one.token).at(-1)).to.include({ kind: 'burnt', reason: 'fenced' })
    expect(shared.runs.get(other.token)?.attempt.signal.aborted).to.equal(false)
    shared.runs.get(other.token)?.resolve('kept')
    await world.pass(10)
    expect(leader.kindsOf(other.token).at(-1)).to.equal('completed')
  })

  it('K7 says that fenced work is burnt only when its code has really ended', async () => {
    const { token } = await start('stubborn')
    leader.grants = false
    await world.pass(selfFenceMs + 60_000)
    expect(leader.kindsOf(token)).to.deep.equal(['started'])
    expect(world.part.view().slotsUsed).to.equal(1)
    stubborn.runs.get(token)?.resolve('too late')
    await world.pass(10)
    expect(leader.kindsOf(token)[1]).to.equal('burnt')
  })

  it('K7b a grant of a deposed leader renews nothing', async () => {
    // L1 cannot append but its bus works, and it goes on granting after the worker has heard of L2.
    const { token } = await start('exclusive')
    const second = world.lead(2)
    second.opens = false
    second.grants = false
    second.ask([], true)
    leader.opens = false
    await world.pass(selfFenceMs + 1_000)
    expect(leader.renewals.length).to.be.greaterThan(6)
    expect(exclusive.runs.get(token)?.attempt.signal.aborted).to.equal(true)
    expect(world.part.view().staleCommands).to.be.greaterThan(4)
  })

  it('K7 a result that was finished before the fence is still announced', async () => {
    const { token } = await start('exclusive')
    exclusive.runs.get(token)?.resolve('done')
    leader.grants = false
    await world.pass(selfFenceMs + 10_000)
    expect(leader.kindsOf(token).slice(-3)).to.deep.equal(['completed', 'completed', 'completed'])
  })

  it('K7 a fenced worker refuses, and a granted renewal brings it back with fresh credits', async () => {
    const { credits } = leader.lastRenewal
    leader.grants = false
    await world.pass(selfFenceMs)
    const early = leader.next('exclusive', { credits: credits.slice(0, 1) })
    leader.run([early])
    await world.pass(5)
    expect(leader.reportsOf(early.token)[0]).to.include({ kind: 'refused', reason: 'fenced' })
    expect(leader.reportsOf(early.token)[0]?.credits).to.deep.equal([])
    leader.grants = true
    await world.pass(1_010)
    expect(world.part.view().state).to.equal('ready')
    expect(leader.lastRenewal.credits).to.have.length(3)
    for (const credit of credits) expect(leader.lastRenewal.credits).not.to.include(credit)
    const later = await start('exclusive')
    expect(exclusive.runs.has(later.token)).to.equal(true)
  })

  it('K29 after a wake-up the clock is compared before the first message, though the timer is late', async () => {
    const { token } = await start('exclusive')
    const dispatch = leader.next('shared', { exclusive: false })
    world.stopped.monotonicMs += 10_000
    leader.run([dispatch])
    await world.pass(5)
    expect(exclusive.runs.get(token)?.attempt.signal.aborted).to.equal(true)
    expect(leader.reportsOf(dispatch.token)[0]).to.include({ kind: 'refused', reason: 'fenced' })
  })

  it('K29 a suspended machine whose monotonic clock stood still is fenced by its wall clock', async () => {
    const { token } = await start('exclusive')
    world.stopped.wallMs += 3_600_000
    leader.run([])
    await world.pass(5)
    expect(exclusive.runs.get(token)?.attempt.signal.aborted).to.equal(true)
  })

  it('K29 a wall clock that is set back fences nothing, and renewals go on', async () => {
    const { token } = await start('exclusive')
    const { length } = leader.renewals
    world.stopped.wallMs -= 3_600_000
    leader.run([])
    await world.pass(selfFenceMs * 2)
    expect(exclusive.runs.get(token)?.attempt.signal.aborted).to.equal(false)
    expect(world.part.view().state).to.equal('ready')
    expect(leader.renewals.length).to.be.above(length + 5)
  })

  it('K29 a grant that was under way while the process was stopped does not count as fresh', async () => {
    const { token } = await start('exclusive')
    leader.grants = false
    while (leader.withheld.length === 0) await world.pass(1)
    const { length } = leader.renewals
    world.stopped.monotonicMs += 10_000
    leader.grant(leader.withheld[0] ?? '')
    await world.pass(5)
    expect(exclusive.runs.get(token)?.attempt.signal.aborted).to.equal(true)
    expect(world.part.view().state).to.equal('fenced')
    // Credits would have been told of at once.
    expect(leader.renewals).to.have.length(length)
  })
})
