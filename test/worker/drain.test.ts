import { runMessage } from '@covey/protocol'
import { expect } from 'chai'
import { see } from '../transport/memory-world.js'
import { controlled } from './controlled-workflow.js'
import type { FakeLeader } from './fake-leader.js'
import { makeLedWorld } from './worker-world.js'

describe('a worker that leaves', () => {
  const selfFenceMs = 6_000
  let work: ReturnType<typeof controlled>
  let stubborn: ReturnType<typeof controlled>
  let shared: ReturnType<typeof controlled>
  let world: Awaited<ReturnType<typeof makeLedWorld>>
  let leader: FakeLeader

  beforeEach(async () => {
    work = controlled('work')
    stubborn = controlled('stubborn', {}, false)
    shared = controlled('shared', { exclusive: false })
    world = await makeLedWorld({ workflows: [work, stubborn, shared] })
    leader = world.leader
  })
  afterEach(() => world.close())

  async function start(name: string) {
    const dispatch = leader.next(name, { exclusive: name !== 'shared' })
    leader.run([dispatch])
    await world.pass(5)
    return dispatch
  }

  it('has drained at once where nothing runs', async () => {
    const drained = see(world.part.drain(10_000))
    await world.pass(1)
    expect(drained.outcome).to.deep.equal({ clean: true })
    expect(world.part.view().state).to.equal('stopped')
  })

  it('refuses new work, lets running work finish, and waits until its word is in the log', async () => {
    const running = await start('work')
    const late = leader.next('work')
    const drained = see(world.part.drain(10_000))
    await world.pass(5)
    expect(leader.lastRenewal).to.include({ state: 'draining' })
    expect(leader.lastRenewal.credits).to.deep.equal([])
    leader.run([late])
    await world.pass(5)
    expect(leader.reportsOf(late.token)[0]).to.include({ kind: 'refused', reason: 'draining' })
    work.runs.get(running.token)?.resolve('done')
    await world.pass(5)
    const ending = leader.reportsOf(running.token).at(-1)
    expect(ending).to.include({ kind: 'completed' })
    expect(ending?.credits).to.deep.equal([])
    expect(drained.outcome).to.equal(undefined)
    leader.run([], [running.token])
    await world.pass(5)
    expect(drained.outcome).to.deep.equal({ clean: true })
  })

  it('K7 stops exclusive work to the millisecond when its lease is over, and goes on with its drain', async () => {
    const running = await start('work')
    // Between two renewals that come by the clock: the drain begins with one of its own.
    await world.pass(500)
    const drained = see(world.part.drain(20_000))
    await world.pass(5)
    leader.grants = false
    const { signal } = work.runs.get(running.token)?.attempt ?? {}
    await world.pass(selfFenceMs - 7)
    expect(signal?.aborted).to.equal(false)
    await world.pass(3)
    expect(signal?.reason).to.have.property('code', 'fenced')
    expect(world.part.view().state).to.equal('draining')
    leader.grants = true
    leader.run([], [running.token])
    await world.pass(5)
    expect(drained.outcome).to.deep.equal({ clean: true })
  })

  it('keeps the time of its drain, however often leases are looked at', async () => {
    const running = await start('stubborn')
    const drained = see(world.part.drain(20_000))
    await world.pass(15_990)
    expect(stubborn.runs.get(running.token)?.attempt.signal.aborted).to.equal(false)
    await world.pass(20)
    expect(stubborn.runs.get(running.token)?.attempt.signal.aborted).to.equal(true)
    await world.pass(3_900)
    expect(drained.outcome).to.equal(undefined)
    await world.pass(100)
    expect(drained.outcome).to.deep.equal({ clean: false })
  })

  it('is content with the outbox where no leader answers', async () => {
    const running = await start('work')
    const drained = see(world.part.drain(10_000))
    work.runs.get(running.token)?.resolve('done')
    await world.pass(3_000)
    expect(drained.outcome).to.deep.equal({ clean: true })
  })

  it('aborts what still runs when its time is nearly over, so that the word is said before the end', async () => {
    const running = await start('work')
    const drained = see(world.part.drain(1_000))
    await world.pass(790)
    expect(work.runs.get(running.token)?.attempt.signal.aborted).to.equal(false)
    await world.pass(20)
    expect(work.runs.get(running.token)?.attempt.signal.reason).to.have.property('code', 'departed')
    expect(leader.reportsOf(running.token).at(-1)).to.include({ kind: 'burnt', reason: 'drained' })
    leader.run([], [running.token])
    await world.pass(10)
    expect(drained.outcome).to.deep.equal({ clean: true })
  })

  it('K30 is not clean while code that ignores its signal still runs at the deadline', async () => {
    const running = await start('stubborn')
    const drained = see(world.part.drain(1_000))
    await world.pass(990)
    expect(drained.outcome).to.equal(undefined)
    await world.pass(20)
    expect(drained.outcome).to.deep.equal({ clean: false })
    expect(leader.kindsOf(running.token)).to.deep.equal(['started'])
  })

  it('drains once, however often it is asked', async () => {
    await start('stubborn')
    const first = see(world.part.drain(1_000))
    await world.pass(500)
    const second = see(world.part.drain(5_000))
    await world.pass(510)
    expect([first.outcome, second.outcome]).to.deep.equal([{ clean: false }, { clean: false }])
  })

  it('aborts its exclusive work and is silent once its generation may no longer act', async () => {
    const exclusive = await start('work')
    const other = await start('shared')
    const { length } = leader.messages
    const { interests } = world.broker
    world.part.fence()
    await world.pass(1)
    expect(world.broker.interests).to.equal(interests - 3)
    expect(work.runs.get(exclusive.token)?.attempt.signal.reason).to.have.property('code', 'fenced')
    expect(shared.runs.get(other.token)?.attempt.signal.aborted).to.equal(false)
    shared.runs.get(other.token)?.resolve('done')
    const renewals = leader.renewals.length
    await world.pass(20_000)
    expect(leader.messages).to.have.length(length)
    expect(leader.renewals).to.have.length(renewals)
    expect(world.part.view().state).to.equal('stopped')
  })

  it('leaves no timer behind where it is closed in the turn of a start', async () => {
    leader.run([leader.next('work')])
    await world.pass(2)
    expect(work.runs.size).to.equal(1)
    expect(leader.messages).to.deep.equal([])
  })

  it('aborts everything when it is closed, and can be opened for the next generation', async () => {
    const running = await start('work')
    world.part.close()
    expect(work.runs.get(running.token)?.attempt.signal.reason).to.have.property('code', 'closed')
    expect(world.part.view()).to.include({ state: 'stopped', slotsUsed: 0 })
    world.part.open({ nodeId: 'w1', generation: 2, bootId: 'boot' })
    world.part.activate()
    await world.pass(20)
    expect(leader.lastRenewal).to.include({ generation: 2 })
  })

  it('drops a frame that is malformed, or of a shard that does not exist, and tells of it', async () => {
    const subject = world.env.subjects.node('w1', 1, 'run')
    const stranger = world.broker.open('stranger')
    stranger.control.publish(subject, new Uint8Array([1, 2, 3]))
    const place = { shard: 9, streamEpoch: 1, epoch: 1, sequence: 1 }
    const elsewhere = { ...place, leader: 'm1', leaderGeneration: 1, logged: [], dispatches: [] }
    stranger.control.publish(subject, runMessage.encode(elsewhere))
    await world.pass(5)
    expect(world.notices.map(({ kind }) => kind)).to.deep.equal(['frame.refused', 'frame.refused'])
    world.broker.kill('stranger')
  })
})
