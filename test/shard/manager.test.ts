import { createManagerPart } from '@covey/actors'
import { createActorSystem } from '@covey/engine'
import { batchMessage, limits, singleServerTimings } from '@covey/protocol'
import type { Links, Log } from '@covey/transport'
import { expect } from 'chai'
import { standIn } from '../harness/stand-in.js'
import { ShardScene } from './shard-scene.js'
import type { TestManager } from './shard-world.js'

const { leaderHintMs, leaderTimeoutMs } = singleServerTimings

/** Links in which logs behave as told. */
const withLogs =
  (change: (log: Log, shard: number) => Partial<Log>) =>
  (links: Links): Links =>
    standIn(links, {
      log: (shard) => {
        const real = links.log(shard)
        return standIn(real, change(standIn(real, {}), shard))
      },
    })

/** Links in which the log of shard 1 behaves as told. */
const withLogOfShard1 = (change: (log: Log) => Partial<Log>) =>
  withLogs((log, shard) => (shard === 1 ? change(log) : {}))

describe('manager of several shards', () => {
  let scene: ShardScene

  beforeEach(() => {
    scene = new ShardScene()
  })
  afterEach(() => scene.close())

  const leading = (manager: TestManager, ...shards: number[]): Promise<void> =>
    scene.world.until(`lead of ${shards}`, () => `${manager.part.leads()}` === `${shards}`)
  const chart = ({ env }: TestManager): unknown =>
    (env.system.snapshot('manager') as { value?: unknown } | undefined)?.value
  /** Whether the last word in the log of a shard is that its leader has released it. */
  const isReleased = async (shard: number): Promise<boolean> => {
    const log = scene.client.links.log(shard)
    const outcome = await scene.settled(log.read(await scene.settled(log.tail())))
    if (outcome.kind !== 'found') throw new Error(outcome.kind)
    return batchMessage.decode(outcome.entry.data).events.some(({ type }) => type === 'release.announced')
  }

  it('hands every shard over when it drains, and is drained then', async () => {
    const manager = scene.world.manager('m1', 2)
    await leading(manager, 0, 1)
    expect(await scene.settled(scene.world.drain('m1'), 500)).to.deep.equal({ clean: true })
    expect([await isReleased(0), await isReleased(1)]).to.deep.equal([true, true])
    const next = scene.world.manager('m2', 2)
    await scene.world.run(leaderHintMs + 500)
    expect(next.part.leads()).to.deep.equal([0, 1])
  })

  it('K44 appends nothing after the release, which would take the hint away from who is to follow', async () => {
    await leading(scene.world.manager('m1'), 0)
    // Commands come while the release is under way.
    Object.assign(scene.world.broker.faults, { latencyMinMs: 5, latencyMaxMs: 5 })
    const answers = [scene.client.submit('before')]
    const drained = scene.world.drain('m1')
    for (let job = 0; job < 20; job += 1) {
      answers.push(scene.client.submit(`job-${job}`))
      await scene.world.run(1)
    }
    expect(await scene.settled(drained, 500)).to.deep.equal({ clean: true })
    expect(await isReleased(0)).to.equal(true)
    await leading(scene.world.manager('m2'), 0)
    expect(await scene.settled(scene.client.submit('before'))).to.include({ type: 'submitted' })
    await scene.settled(Promise.all(answers), 60_000)
  })

  it('K50 begins to fold no more shards once it drains', async () => {
    const begun = new Set<number>()
    const hanging = withLogs((log, shard) => ({
      follow(after, follower) {
        begun.add(shard)
        return shard === 0 ? log.follow(after, follower) : () => undefined
      },
    }))
    const manager = scene.world.manager('m1', limits.shardsAtOnceMax + 3, hanging)
    await leading(manager, 0)
    const before = limits.shardsAtOnceMax + 1
    expect(begun.size, 'one is folded, and as many hang as may').to.equal(before)
    scene.world.broker.faults.lostWrite = 1
    const drained = scene.world.drain('m1')
    await scene.world.run(leaderTimeoutMs - 100)
    expect([chart(manager), begun.size]).to.deep.equal(['draining', before])
    scene.world.broker.faults.lostWrite = 0
    expect(await scene.settled(drained)).to.deep.equal({ clean: true })
  })

  it('hands over what it leads again after it was deposed', async () => {
    const manager = scene.world.manager('m1', 2)
    await leading(manager, 0, 1)
    scene.world.broker.stop()
    await leading(manager)
    scene.world.broker.start()
    await leading(manager, 0, 1)
    await scene.settled(scene.world.drain('m1'), 500)
    expect([await isReleased(0), await isReleased(1)]).to.deep.equal([true, true])
  })

  it('serves once every log is folded, and not when one was folded twice', async () => {
    const deaf = withLogOfShard1(() => ({
      follow: () => () => undefined,
      append: async () => ({ kind: 'unknown', reason: 'deaf' }),
    }))
    const manager = scene.world.manager('m1', 2, deaf)
    await leading(manager, 0)
    scene.world.broker.stop()
    await leading(manager)
    scene.world.broker.start()
    await leading(manager, 0)
    expect(chart(manager)).to.equal('starting')
    const hearing = scene.world.manager('m3', 2)
    await scene.world.run(1_000)
    expect(chart(hearing)).to.equal('serving')
  })

  it('claims nothing more while it drains', async () => {
    const claimedAtMs: number[] = []
    const unclaimable = withLogOfShard1((log) => ({
      read: async () => ({ kind: 'absent' }),
      append: async (...args) => {
        if (args[0] === scene.world.subjects.claim(1, 1)) claimedAtMs.push(scene.world.clock.now())
        return args[0].includes('claim') ? { kind: 'fenced' } : log.append(...args)
      },
    }))
    const manager = scene.world.manager('m1', 2, unclaimable)
    await leading(manager, 0)
    await scene.world.until('two claims', () => claimedAtMs.length === 2)
    await scene.world.run(leaderTimeoutMs - 1_000)
    // The release of shard 0 gets no answer, so that the drain takes its time.
    scene.world.broker.faults.lostWrite = 1
    const drained = scene.world.drain('m1')
    await scene.world.run(2_000)
    expect(claimedAtMs).to.have.length(2)
    scene.world.broker.faults.lostWrite = 0
    await scene.settled(drained)
  })

  it('is drained although its chart has failed, and although it is closed on the way', async () => {
    const { env, part } = scene.world.manager('m1')
    await scene.leader()
    scene.world.broker.faults.lostWrite = 1
    const closed = part.drain(singleServerTimings.leaveDeadlineMs)
    part.close()
    expect(await scene.settled(closed)).to.deep.equal({ clean: true })
    const errors: unknown[] = []
    const system = createActorSystem({
      node: 'm9',
      clock: env.clock,
      onActorError: (failure) => errors.push(failure),
    })
    const members = (): never => {
      throw new Error('no members')
    }
    const failing = createManagerPart({ ...env, system }, { shards: 1, members })
    failing.open({ nodeId: 'm9', generation: 1, bootId: 'm9-boot-0123456789abcdef' })
    expect(errors).to.have.length(1)
    expect(await scene.settled(failing.drain(1_000))).to.deep.equal({ clean: true })
    failing.close()
    system.stopAll()
  })
})
