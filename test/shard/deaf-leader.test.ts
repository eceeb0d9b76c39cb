import { shardRanks } from '@covey/machines'
import { limits, singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import { HearingScene } from './hearing-scene.js'
import type { ShardScene } from './shard-scene.js'
import type { ShardWorld } from './shard-world.js'

const { leaderHintMs, leaderTimeoutMs, reconcileIntervalMs, renewalIntervalMs } = singleServerTimings
/** From the last renewal that came to the release, and to the claim of who hears it. */
const releasedWithinMs = leaderTimeoutMs + 2 * renewalIntervalMs
const claimedWithinMs = releasedWithinMs + leaderHintMs + 2 * limits.claimStaggerMsMax + 100

describe('a leader that can append and hears no worker', () => {
  let stage: HearingScene
  let scene: ShardScene
  let world: ShardWorld

  beforeEach(() => {
    stage = new HearingScene()
    ;({ scene, world } = stage)
  })
  afterEach(() => stage.close())

  it('K41 releases the shard, another leads, and work goes on', async () => {
    stage.start(1, 'm1', 'm2')
    const first = await scene.leader()
    const other = first === 'm1' ? 'm2' : 'm1'
    stage.worker('w1')
    expect(await stage.runs('before')).to.equal('submitted')
    stage.deaf.add(first)
    const fromMs = world.clock.now()
    expect(await stage.submit('lost'), 'its lease is healthy, and nothing goes on').to.equal('silence')
    expect(stage.leads(first)).to.deep.equal([0])
    await world.until('the other leads', () => stage.leads(other).length > 0)
    expect(world.clock.now() - fromMs).to.be.within(leaderTimeoutMs - renewalIntervalMs, claimedWithinMs)
    expect(await stage.runs('after')).to.equal('submitted')
    await world.run(60_000)
    expect([stage.leads(first), stage.leads(other), stage.epoch()]).to.deep.equal([[], [0], 2])
  })

  it('K41 leads again where it is the only manager, after a window, with all that it knew, and not at every turn', async () => {
    stage.start(1, 'm1')
    await scene.leader()
    stage.worker('w1')
    expect(await stage.runs('before')).to.equal('submitted')
    stage.deaf.add('m1')
    const isReleased = (): boolean => stage.leads('m1').length === 0
    expect(await stage.passedMs('its release', isReleased)).to.be.below(releasedWithinMs)
    expect(await stage.passedMs('its claim', () => !isReleased())).to.be.within(
      leaderTimeoutMs,
      leaderTimeoutMs + leaderHintMs + 2 * limits.claimStaggerMsMax,
    )
    await world.run(60_000)
    expect(stage.epoch(), 'led 3, 6, 12 and 24 s').to.be.within(4, 5)
    stage.deaf.delete('m1')
    await scene.leader()
    expect(await scene.stateOf('before/main')).to.equal('completed')
    expect(await stage.runs('after')).to.equal('submitted')
    const now = stage.epoch()
    await world.run(30_000)
    expect(stage.epoch()).to.equal(now)
  })

  it('K41 does not pass the shard round for ever where the workers are dead, and stays once that is known', async () => {
    stage.start(1, 'm1', 'm2')
    await scene.leader()
    stage.worker('w1').kill()
    const minutes = 10
    await world.run(minutes * 60_000)
    const doublings = limits.silentTermsCounted + 1
    expect(stage.epoch(), 'terms of two managers').to.be.within(
      2,
      2 * doublings + (minutes * 60_000) / (16 * leaderTimeoutMs),
    )
    world.members.end('w1', 'crashed')
    const leader = await scene.leader()
    const now = stage.epoch()
    await world.run(120_000)
    expect([stage.epoch(), await scene.leader()]).to.deep.equal([now, leader])
  })

  it('K41 goes on where there is no worker, and where the only one renews late', async () => {
    stage.start(1, 'm1', 'm2')
    await scene.leader()
    await world.run(30_000)
    const slow = await scene.worker('w1', 1)
    for (let round = 0; round < 10; round += 1) {
      await world.run(leaderTimeoutMs - (2 * renewalIntervalMs) / 10)
      expect(await scene.settled(slow.renew())).to.equal(true)
    }
    expect(stage.epoch()).to.equal(1)
  })

  it('K41 counts from the beginning of a term: who takes over is given as long to be heard', async () => {
    stage.start(1, 'm1', 'm2')
    const first = await scene.leader()
    const other = first === 'm1' ? 'm2' : 'm1'
    stage.worker('w1').kill()
    await world.run(leaderTimeoutMs - renewalIntervalMs)
    world.crash(first)
    world.members.end(first, 'exited')
    await world.until('the other leads', () => stage.leads(other).length > 0)
    expect(await stage.passedMs('its release', () => stage.leads(other).length === 0)).to.be.within(
      leaderTimeoutMs,
      releasedWithinMs,
    )
  })

  it('K41 K29 one that was stopped is fenced by its clock, and does not take it for the silence of its workers', async () => {
    stage.start(1, 'm1')
    await scene.leader()
    stage.worker('w1')
    await world.run(5_000)
    const manager = world.find('m1')
    world.freeze('m1')
    await world.run(10 * leaderTimeoutMs)
    world.thaw('m1')
    await world.run(10)
    const now = manager.env.system.snapshot('leadership.0') as { value?: unknown }
    expect(now.value).to.equal('fenced')
    expect(stage.silence('m1').silentTerms).to.equal(0)
    await scene.leader()
  })

  it('K41 K50 asks for no shard of which it ranks first until it hears a worker, and then gets it back', async () => {
    const shards = 2
    stage.start(shards, 'm1', 'm2')
    const firsts = shardRanks(['m1', 'm2'], shards).map(([name]) => name)
    const ofM1 = firsts.indexOf('m1')
    const isBalanced = (): boolean => stage.leads('m1').includes(ofM1) && stage.leads('m2').length === 1
    await world.until('balance', isBalanced, 30_000)
    world.stranger.speaks = true
    world.members.join('w1', 'worker')
    stage.deaf.add('m1')
    await world.until('all shards at m2', () => stage.leads('m2').length === shards)
    const before = stage.epochs('m2')
    await world.run(60_000)
    expect(stage.epochs('m2')).to.deep.equal(before)
    stage.deaf.delete('m1')
    await world.until(
      'balance',
      () => stage.leads('m1').includes(ofM1),
      5 * reconcileIntervalMs + leaderTimeoutMs,
    )
  })
})
