import { singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import { controlled } from './controlled-workflow.js'
import type { FakeLeader } from './fake-leader.js'
import { makeLedWorld } from './worker-world.js'

const { renewalIntervalMs, workerSelfFenceMs } = singleServerTimings

describe('what a worker says of the answers that it hears', () => {
  let world: Awaited<ReturnType<typeof makeLedWorld>>
  let leader: FakeLeader

  beforeEach(async () => {
    world = await makeLedWorld({ workflows: [controlled('work')] })
    leader = world.leader
  })
  afterEach(() => world.close())

  const nextRenewal = (): Promise<void> => world.pass(renewalIntervalMs + 10)

  it('K41 is in each renewal how far the newest grant says that the log goes, and 0 before any', async () => {
    expect(leader.renewals[0]?.heard).to.equal(0)
    await nextRenewal()
    const { heard = 0 } = leader.lastRenewal
    expect(heard).to.be.above(0)
    leader.next('work')
    await nextRenewal()
    await nextRenewal()
    expect(leader.lastRenewal.heard).to.equal(heard + 1)
    leader.grants = false
    leader.next('work')
    for (let times = 0; times < 4; times += 1) await nextRenewal()
    expect(leader.lastRenewal.heard, 'as long as no other comes').to.equal(heard + 1)
  })

  it('K41 is 0 for a leader that has granted nothing, whatever an older one grants', async () => {
    const next = world.lead(2)
    next.grants = false
    next.ask([], true)
    leader.opens = false
    for (let times = 0; times < 3; times += 1) await nextRenewal()
    expect(next.lastRenewal).to.deep.include({ epoch: 2, heard: 0 })
    next.next('work')
    next.grants = true
    leader.grants = false
    await nextRenewal()
    await nextRenewal()
    expect(next.lastRenewal.heard).to.be.above(0)
  })

  it('K41 K7 names a grant that comes late, and its lease counts from the renewal as long as it could last', async () => {
    await nextRenewal()
    const { heard = 0 } = leader.lastRenewal
    leader.grants = false
    while (leader.withheld.length === 0) await world.pass(1)
    const sentAtMs = world.clock.now()
    await world.pass(4 * renewalIntervalMs)
    leader.next('work')
    leader.grant(leader.withheld[0] ?? '')
    await nextRenewal()
    expect(leader.lastRenewal.heard).to.equal(heard + 1)
    await world.pass(sentAtMs + workerSelfFenceMs - 100 - world.clock.now())
    expect(world.part.view().state).to.equal('ready')
    await world.pass(110)
    expect(world.part.view().state).to.equal('fenced')
  })
})
