import type { MembershipCounts } from '@covey/metrics'
import { createWorld, type SimulatedNode, type SimulatedWorld } from '@covey/simulator'
import { expect } from 'chai'
import { MembershipMeter } from '../../packages/covey/src/node/membership-meter.js'

/** The probes of one second; views are compared beside. */
const probesPerSecond = 4

describe('The membership of a node, measured', () => {
  let world: SimulatedWorld
  let nodes: SimulatedNode[]
  let counts: MembershipCounts
  beforeEach(async () => {
    world = createWorld({ seed: 3, faults: { latencyMinMs: 1, latencyMaxMs: 1 } })
    let meter: MembershipMeter | undefined
    const measured = world.node('a', {
      roles: ['manager'],
      // The first that is told of the environment, before membership begins in it.
      parts: (env) => {
        meter = new MembershipMeter(env)
        Object.assign(env, meter.of(env))
        return []
      },
    })
    measured.members.onNews((news) => meter?.note(news))
    const others = await world.formed(['b', 'c', 'd', 'e'])
    nodes = [measured, ...others]
    await world.run(5_000)
    if (meter === undefined) throw new Error('nobody is measured')
    counts = meter.read()
  })
  afterEach(() => world.close())

  it('tells the round trip of each probe', async () => {
    const { probeMs } = counts
    const before = probeMs.counts.reduce((sum, count) => sum + count, 0)
    await world.run(10_000)
    const after = probeMs.counts.reduce((sum, count) => sum + count, 0)
    expect(after - before).to.be.within(9 * probesPerSecond, 15 * probesPerSecond)
    // A hop takes a millisecond, and there are four from a question to its answer.
    expect(probeMs.sum / after).to.be.within(3.9, 5)
    expect(counts.probesUnanswered).to.equal(0)
  })

  it('tells what it says and hears, in bytes', async () => {
    const { sentBytes, receivedBytes } = { ...counts }
    await world.run(10_000)
    const questionBytes = 20
    expect(counts.sentBytes - sentBytes).to.be.greaterThan(10 * probesPerSecond * questionBytes)
    expect(counts.receivedBytes - receivedBytes).to.be.greaterThan(10 * probesPerSecond * questionBytes)
  })

  it('tells suspicions, votes and how a member ended', async () => {
    nodes.at(-1)?.kill()
    await world.until(() => counts.departures.crashed === 1, 20_000)
    expect(counts.suspicions).to.equal(1)
    expect(counts.suspicionsEnded).to.equal(0)
    expect(counts.votes).to.be.greaterThan(0)
    expect(counts.probesUnanswered).to.be.greaterThan(0)
    void nodes.at(-2)?.leave()
    await world.until(() => counts.departures.left === 1, 20_000)
    expect(counts.suspicions).to.equal(1)
  })

  it('tells of a suspect that turned out to live, and that it has contradicted a suspicion of itself', async () => {
    const [measured, other] = nodes
    other?.freeze()
    await world.until(() => counts.suspicions === 1, 5_000)
    other?.thaw()
    await world.until(() => counts.suspicionsEnded === 1, 5_000)
    expect(counts.refutations).to.equal(0)
    measured?.freeze()
    await world.until(() => measured !== undefined && other?.view.includes('a.1 suspect') === true, 5_000)
    measured?.thaw()
    await world.until(() => counts.refutations > 0, 5_000)
    expect(counts.departures.crashed).to.equal(0)
  })

  it('tells the dials of its sessions, and those that nobody answers', async () => {
    const [measured] = nodes
    // A manager dials everybody.
    expect([counts.dials, counts.backoffs]).to.deep.equal([nodes.length - 1, 0])
    const late = world.node('f')
    await world.until(() => measured?.view.includes('f.1 active') === true, 2_000)
    late.freeze()
    await world.until(() => counts.backoffs === 1, 20_000)
    expect(counts.dials).to.equal(nodes.length)
    late.kill()
  })
})
