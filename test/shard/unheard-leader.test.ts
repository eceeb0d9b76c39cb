import { shardRanks } from '@covey/machines'
import { limits, singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import { HearingScene } from './hearing-scene.js'
import type { ShardScene } from './shard-scene.js'
import type { ShardWorld } from './shard-world.js'

const { leaderHintMs, leaderTimeoutMs, renewalIntervalMs, workerSelfFenceMs } = singleServerTimings
/** From the last answer that came to the release, by one worker: its next renewal says that it came, and the one after that not. */
const releasedWithinMs = leaderTimeoutMs + 2 * renewalIntervalMs + 10
const claimedWithinMs = releasedWithinMs + leaderHintMs + 2 * limits.claimStaggerMsMax + 100

describe('a leader that can append and hears its workers, and that no worker hears', () => {
  let stage: HearingScene
  let scene: ShardScene
  let world: ShardWorld

  beforeEach(() => {
    stage = new HearingScene()
    ;({ scene, world } = stage)
  })
  afterEach(() => stage.close())

  it('K41 releases the shard before its workers abort what they do, another leads, and work goes on', async () => {
    stage.start(1, 'm1', 'm2')
    const first = await scene.leader()
    const other = first === 'm1' ? 'm2' : 'm1'
    stage.worker('w1')
    expect(await stage.runs('before')).to.equal('submitted')
    expect(await stage.submit('long', workerSelfFenceMs + 1_000)).to.equal('submitted')
    await world.run(100)
    stage.mute.add(first)
    const fromMs = world.clock.now()
    await world.run(leaderTimeoutMs - renewalIntervalMs)
    expect(stage.leads(first), 'its lease is healthy, and nothing goes on').to.deep.equal([0])
    await world.until('the other leads', () => stage.leads(other).length > 0)
    expect(world.clock.now() - fromMs).to.be.below(claimedWithinMs)
    expect(await stage.runs('after')).to.equal('submitted')
    await world.run(60_000)
    expect([stage.leads(first), stage.leads(other), stage.epoch()]).to.deep.equal([[], [0], 2])
    expect(await scene.stateOf('long/main')).to.equal('completed')
    expect(stage.ran.of('long/main')).to.have.length(1)
  })

  it('K41 leads again where it is the only manager, is more patient each time, and stays once it is heard', async () => {
    stage.start(1, 'm1')
    await scene.leader()
    stage.worker('w1')
    expect(await stage.runs('before')).to.equal('submitted')
    stage.mute.add('m1')
    const isReleased = (): boolean => stage.leads('m1').length === 0
    expect(await stage.passedMs('its release', isReleased)).to.be.below(releasedWithinMs)
    expect(await stage.passedMs('its claim', () => !isReleased())).to.be.at.least(leaderTimeoutMs)
    await world.run(60_000)
    expect(stage.epoch(), 'led 3, 6, 12 and 24 s').to.be.within(4, 5)
    stage.mute.delete('m1')
    await scene.leader()
    expect(await stage.runs('after')).to.equal('submitted')
    const now = stage.epoch()
    await world.run(30_000)
    expect(stage.epoch()).to.equal(now)
    expect(stage.silence('m1')).to.deep.equal({ silentTerms: 0, unheardTerms: 0 })
  })

  it('K41 goes on as long as one of them hears it, however late that one renews', async () => {
    stage.start(1, 'm1', 'm2')
    await scene.leader()
    const [slow, unlucky] = [await scene.worker('w1', 1), await scene.worker('w2', 1)]
    slow.heard = 0
    expect(await scene.settled(slow.renew())).to.equal(true)
    for (let round = 0; round < 10; round += 1) {
      for (let times = 0; times < 3; times += 1) {
        unlucky.heard = 0
        expect(await scene.settled(unlucky.renew())).to.equal(true)
        await world.run(leaderTimeoutMs / 3 - 100)
      }
      expect(await scene.settled(slow.renew())).to.equal(true)
    }
    expect(stage.epoch()).to.equal(1)
  })

  it('K41 takes a worker of an older form, which does not say what it hears, for one that hears', async () => {
    stage.start(1, 'm1')
    await scene.leader()
    const worker = await scene.worker('w1', 1)
    stage.mute.add('m1')
    const renewals = async (): Promise<void> => {
      for (let times = 0; times < 10; times += 1) expect(await scene.settled(worker.renew())).to.equal(false)
    }
    await renewals()
    expect([stage.leads('m1'), stage.epoch()]).to.deep.equal([[0], 1])
    worker.heard = 0
    await renewals()
    expect(stage.silence('m1')).to.deep.equal({ silentTerms: 1, unheardTerms: 1 })
  })

  it('K41 K7 goes on where everything takes long: late answers are heard, and renew leases', async () => {
    stage.start(1, 'm1', 'm2')
    await scene.leader()
    stage.worker('w1')
    const longMs = workerSelfFenceMs + 1_500
    expect(await stage.submit('long', longMs)).to.equal('submitted')
    await world.run(1_000)
    const hopMs = 0.3 * renewalIntervalMs
    Object.assign(world.broker.faults, { latencyMinMs: hopMs, latencyMaxMs: hopMs })
    await world.run(longMs + 30_000)
    expect(stage.epoch()).to.equal(1)
    const lasted = stage.ran.of('long/main').map(({ startMs, endMs = 0 }) => Math.round(endMs - startMs))
    expect(lasted).to.deep.equal([longMs])
  })

  it('K41 K29 takes no pause of its only worker for answers that were lost, though one was under way', async () => {
    stage.start(1, 'm1')
    await scene.leader()
    stage.worker('w1')
    const hopMs = renewalIntervalMs / 10
    Object.assign(world.broker.faults, { latencyMinMs: hopMs, latencyMaxMs: hopMs })
    for (let phase = 0; phase < 10; phase += 1) {
      await world.run(2 * leaderTimeoutMs + hopMs)
      world.broker.cut('w1')
      await world.run(leaderTimeoutMs + hopMs / 2)
      world.broker.heal('w1')
      await world.run(leaderTimeoutMs)
      expect(stage.silence('m1').unheardTerms, `in phase ${phase}`).to.equal(0)
      await scene.leader()
    }
  })

  it('K41 K50 asks for no shard of which it ranks first, though it hears workers, and tries one term after each rest, which doubles until it is heard', async () => {
    const shards = 2
    stage.start(shards, 'm1', 'm2')
    const firsts = shardRanks(['m1', 'm2'], shards).map(([name]) => name)
    const ofM1 = firsts.indexOf('m1')
    stage.worker('w1')
    const isBalanced = (): boolean => stage.leads('m1').includes(ofM1) && stage.leads('m2').length === 1
    const isAllAtM2 = (): boolean => stage.leads('m2').length === shards
    await world.until('balance', isBalanced, 30_000)
    stage.mute.add('m1')
    await world.until('all shards at m2', isAllAtM2)
    for (const restMs of [limits.unheardRestMs, 2 * limits.unheardRestMs]) {
      const before = stage.epochs('m2')
      await world.run(restMs - 10_000)
      expect(stage.epochs('m2')).to.deep.equal(before)
      await world.until('a trial', isBalanced, 30_000)
      expect(await stage.passedMs('its end', isAllAtM2)).to.be.below(claimedWithinMs + renewalIntervalMs)
      expect(stage.epochs('m2')[ofM1]).to.equal((before[ofM1] ?? 0) + 2)
    }
    stage.mute.delete('m1')
    await world.until('the trial that is heard', isBalanced, 5 * limits.unheardRestMs)
    await world.run(2 * renewalIntervalMs)
    const now = stage.epochs('m2')
    await world.run(limits.unheardRestMs)
    expect([isBalanced(), stage.epochs('m2')]).to.deep.equal([true, now])
  })
})
