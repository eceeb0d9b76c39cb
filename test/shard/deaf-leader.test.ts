import { shardRanks } from '@covey/machines'
import { limits, packValue, singleServerTimings } from '@covey/protocol'
import type { Links } from '@covey/transport'
import { expect } from 'chai'
import { standIn } from '../harness/stand-in.js'
import { Executions } from '../scenario/executions.js'
import { RunningWorker } from './running-worker.js'
import { ShardScene } from './shard-scene.js'

const { leaderHintMs, leaderTimeoutMs, reconcileIntervalMs, renewalIntervalMs } = singleServerTimings
/** From the last renewal that came to the release, and to the claim of who hears it. */
const releasedWithinMs = leaderTimeoutMs + 2 * renewalIntervalMs
const claimedWithinMs = releasedWithinMs + leaderHintMs + 2 * limits.claimStaggerMsMax + 100

describe('a leader that can append and hears no worker', () => {
  let scene: ShardScene
  let ran: Executions
  let workers: RunningWorker[]
  /** To whom nothing comes that is said to a shard; all else does. */
  let deaf: Set<string>

  beforeEach(() => {
    scene = new ShardScene()
    scene.world.stranger.speaks = false
    ran = new Executions()
    workers = []
    deaf = new Set()
  })
  afterEach(async () => {
    for (const worker of workers) await worker.close()
    await scene.close()
  })

  const ears =
    (name: string) =>
    (links: Links): Links => {
      const { control } = links
      const heard = standIn(control, {
        subscribe: (subject, callback) =>
          control.subscribe(subject, (message) => {
            if (!deaf.has(name) || !subject.endsWith('.command')) callback(message)
          }),
      })
      return standIn(links, { control: heard })
    }
  const start = (shards: number, ...names: string[]): void => {
    for (const name of names) scene.world.manager(name, shards, ears(name))
  }
  const worker = (name: string): RunningWorker => {
    const started = new RunningWorker(scene.world, ran, name, 1, (links) => links)
    workers.push(started)
    return started
  }
  const leads = (name: string): readonly number[] => scene.world.find(name).part.leads()
  const epoch = (name = 'm1'): number => scene.world.find(name).part.read()[0]?.epoch ?? 0
  const submit = async (job: string): Promise<string> => {
    const input = packValue({ ms: 40, fails: false })
    const answer = await scene.settled(
      scene.client.submit(job, [{ step: 'main', name: 'work', after: [], input }]),
    )
    return answer?.type ?? 'silence'
  }
  const hasRun = (job: string): boolean => ran.of(`${job}/main`).some(({ endMs }) => endMs !== undefined)
  const passedMs = async (what: string, holds: () => boolean): Promise<number> => {
    const fromMs = scene.world.clock.now()
    await scene.world.until(what, holds)
    return scene.world.clock.now() - fromMs
  }

  it('K41 releases the shard, another leads, and work goes on', async () => {
    start(1, 'm1', 'm2')
    const first = await scene.leader()
    const other = first === 'm1' ? 'm2' : 'm1'
    worker('w1')
    expect(await submit('before')).to.equal('submitted')
    await scene.world.until('its end', () => hasRun('before'))
    deaf.add(first)
    const fromMs = scene.world.clock.now()
    expect(await submit('lost'), 'its lease is healthy, and nothing goes on').to.equal('silence')
    expect(leads(first)).to.deep.equal([0])
    await scene.world.until('the other leads', () => leads(other).length > 0)
    expect(scene.world.clock.now() - fromMs).to.be.within(
      leaderTimeoutMs - renewalIntervalMs,
      claimedWithinMs,
    )
    expect(await submit('after')).to.equal('submitted')
    await scene.world.until('its end', () => hasRun('after'))
    await scene.world.run(60_000)
    expect([leads(first), leads(other), epoch()]).to.deep.equal([[], [0], 2])
  })

  it('K41 leads again where it is the only manager, after a window, with all that it knew, and not at every turn', async () => {
    start(1, 'm1')
    await scene.leader()
    worker('w1')
    expect(await submit('before')).to.equal('submitted')
    await scene.world.until('its end', () => hasRun('before'))
    deaf.add('m1')
    expect(await passedMs('its release', () => leads('m1').length === 0)).to.be.below(releasedWithinMs)
    expect(await passedMs('its claim', () => leads('m1').length > 0)).to.be.within(
      leaderTimeoutMs,
      leaderTimeoutMs + leaderHintMs + 2 * limits.claimStaggerMsMax,
    )
    await scene.world.run(60_000)
    expect(epoch(), 'led 3, 6, 12 and 24 s').to.be.within(4, 5)
    deaf.delete('m1')
    await scene.leader()
    expect(await scene.stateOf('before/main')).to.equal('completed')
    expect(await submit('after')).to.equal('submitted')
    await scene.world.until('its end', () => hasRun('after'))
    const now = epoch()
    await scene.world.run(30_000)
    expect(epoch()).to.equal(now)
  })

  it('K41 does not pass the shard round for ever where the workers are dead, and stays once that is known', async () => {
    start(1, 'm1', 'm2')
    await scene.leader()
    worker('w1').kill()
    const minutes = 10
    await scene.world.run(minutes * 60_000)
    const doublings = limits.silentTermsCounted + 1
    expect(epoch(), 'terms of two managers').to.be.within(
      2,
      2 * doublings + (minutes * 60_000) / (16 * leaderTimeoutMs),
    )
    scene.world.members.end('w1', 'crashed')
    const leader = await scene.leader()
    const now = epoch()
    await scene.world.run(120_000)
    expect([epoch(), await scene.leader()]).to.deep.equal([now, leader])
  })

  it('K41 goes on where there is no worker, and where the only one renews late', async () => {
    start(1, 'm1', 'm2')
    await scene.leader()
    await scene.world.run(30_000)
    const slow = await scene.worker('w1', 1)
    for (let round = 0; round < 10; round += 1) {
      await scene.world.run(leaderTimeoutMs - (2 * renewalIntervalMs) / 10)
      expect(await scene.settled(slow.renew())).to.equal(true)
    }
    expect(epoch()).to.equal(1)
  })

  it('K41 counts from the beginning of a term: who takes over is given as long to be heard', async () => {
    start(1, 'm1', 'm2')
    const first = await scene.leader()
    const other = first === 'm1' ? 'm2' : 'm1'
    worker('w1').kill()
    await scene.world.run(leaderTimeoutMs - renewalIntervalMs)
    scene.world.crash(first)
    scene.world.members.end(first, 'exited')
    await scene.world.until('the other leads', () => leads(other).length > 0)
    expect(await passedMs('its release', () => leads(other).length === 0)).to.be.within(
      leaderTimeoutMs,
      releasedWithinMs,
    )
  })

  it('K41 K29 one that was stopped is fenced by its clock, and does not take it for the silence of its workers', async () => {
    start(1, 'm1')
    await scene.leader()
    worker('w1')
    await scene.world.run(5_000)
    const manager = scene.world.find('m1')
    scene.world.freeze('m1')
    await scene.world.run(10 * leaderTimeoutMs)
    scene.world.thaw('m1')
    await scene.world.run(10)
    const now = manager.env.system.snapshot('leadership.0') as { value?: unknown; context?: object }
    expect(now.value).to.equal('fenced')
    expect(now.context).to.include({ silentTerms: 0 })
    await scene.leader()
  })

  it('K41 K50 asks for no shard of which it ranks first until it hears a worker, and then gets it back', async () => {
    const shards = 2
    start(shards, 'm1', 'm2')
    const firsts = shardRanks(['m1', 'm2'], shards).map(([name]) => name)
    const ofM1 = firsts.indexOf('m1')
    await scene.world.until('balance', () => leads('m1').includes(ofM1) && leads('m2').length === 1, 30_000)
    scene.world.stranger.speaks = true
    scene.world.members.join('w1', 'worker')
    deaf.add('m1')
    await scene.world.until('all shards at m2', () => leads('m2').length === shards)
    const before = scene.world
      .find('m2')
      .part.read()
      .map(({ epoch: now }) => now)
    await scene.world.run(60_000)
    expect(
      scene.world
        .find('m2')
        .part.read()
        .map(({ epoch: now }) => now),
    ).to.deep.equal(before)
    deaf.delete('m1')
    await scene.world.until(
      'balance',
      () => leads('m1').includes(ofM1),
      5 * reconcileIntervalMs + leaderTimeoutMs,
    )
  })
})
