import { singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import { ShardScene } from './shard-scene.js'

const { workerLeaseMs } = singleServerTimings

describe('leases of workers', () => {
  let scene: ShardScene

  beforeEach(() => {
    scene = new ShardScene()
  })
  afterEach(() => scene.close())

  it('K7 a leader that cannot append grants nothing', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 1)
    scene.world.broker.faults.lostWrite = 1
    expect(await scene.settled(worker.renew())).to.equal(false)
  })

  it('K7 a grant comes after an append that was published after the renewal arrived', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 1)
    const status = async (): Promise<number> => {
      const answer = await scene.settled(scene.client.command({ type: 'status.get' }))
      return answer?.type === 'status' ? (answer.shards[0]?.sequence ?? 0) : 0
    }
    const before = await status()
    expect(await scene.settled(worker.renew())).to.equal(true)
    // One append for the renewal, one for the second status.
    expect(await status()).to.be.at.least(before + 2)
  })

  it('K8 work of a crashed worker waits in fencing until its lease is over, then runs elsewhere', async () => {
    await scene.lead('m1')
    const lost = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    const first = await scene.dispatch(lost)
    const endedAtMs = scene.world.clock.now()
    lost.crash()
    scene.world.members.end('w1', 'crashed')
    // The outbox is asked for its last words first.
    await scene.world.run(10)
    expect(await scene.stateOf('job/main')).to.equal('fencing')
    const other = await scene.worker('w2', 1)
    await scene.world.run(workerLeaseMs / 2)
    expect(other.dispatches).to.deep.equal([])
    await scene.settled(other.renew())
    const second = await scene.dispatch(other)
    expect(scene.world.clock.now() - endedAtMs).to.be.at.least(workerLeaseMs - 1_000)
    expect(second.token).to.not.equal(first.token)
    expect(second.attempt).to.equal(2)
  })

  it('K49 work of a worker whose exit was seen moves at once', async () => {
    await scene.lead('m1')
    const lost = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    await scene.dispatch(lost)
    const other = await scene.worker('w2', 1)
    lost.crash()
    const endedAtMs = scene.world.clock.now()
    scene.world.members.end('w1', 'exited')
    await scene.dispatch(other)
    expect(scene.world.clock.now() - endedAtMs).to.be.below(1_000)
  })

  it('K30 work of a worker that left while it ran waits for the lease', async () => {
    await scene.lead('m1')
    const lost = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    await scene.dispatch(lost)
    scene.world.members.end('w1', 'left', 1, true)
    await scene.world.run(1_000)
    expect(await scene.stateOf('job/main')).to.equal('fencing')
  })

  it('K30 work of a worker that left with nothing running moves at once', async () => {
    await scene.lead('m1')
    const lost = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    await scene.dispatch(lost)
    scene.world.members.end('w1', 'left')
    await scene.world.run(100)
    expect(await scene.stateOf('job/main')).to.equal('queued')
  })

  it('K34 a generation that the log calls ended is granted nothing by a leader without the fact', async () => {
    await scene.lead('m1', 'm2')
    const worker = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    await scene.dispatch(worker)
    scene.world.members.end('w1', 'crashed')
    await scene.world.run(100)
    expect(await scene.stateOf('job/main')).to.equal('fencing')
    scene.world.members.forgetEnd('w1')
    expect(await scene.settled(worker.renew())).to.equal(false)
  })

  it('K15 work of a superseded generation waits for its lease', async () => {
    await scene.lead('m1')
    const old = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    await scene.dispatch(old)
    scene.world.members.end('w1', 'superseded')
    const next = await scene.worker('w1', 1, {}, 2)
    await scene.world.run(1_000)
    expect(await scene.stateOf('job/main')).to.equal('fencing')
    expect(next.dispatches).to.deep.equal([])
  })

  it('K8 a new leader brings the end of a worker into the log that the old one did not', async () => {
    const old = await scene.lead('m1', 'm2')
    const lost = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    await scene.dispatch(lost)
    lost.crash()
    scene.world.crash(old)
    scene.world.members.end('w1', 'exited')
    scene.world.members.end(old, 'exited')
    await scene.leader()
    const other = await scene.worker('w2', 1)
    expect((await scene.dispatch(other)).workflow).to.equal('job/main')
  })

  it('K7 a new leader counts the lease of a worker that it never granted from its own claim', async () => {
    const old = await scene.lead('m1', 'm2')
    const lost = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    await scene.dispatch(lost)
    lost.crash()
    scene.world.crash(old)
    await scene.leader()
    const claimedAtMs = scene.world.clock.now()
    scene.world.members.end('w1', 'crashed')
    const other = await scene.worker('w2', 1)
    await scene.world.run(workerLeaseMs - 1_500)
    expect(other.dispatches).to.deep.equal([])
    await scene.settled(other.renew())
    await scene.dispatch(other)
    expect(scene.world.clock.now() - claimedAtMs).to.be.at.least(workerLeaseMs)
  })

  it('K34 a generation that has ended is granted nothing', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 1)
    scene.world.members.end('w1', 'crashed')
    await scene.world.run(100)
    expect(await scene.settled(worker.renew())).to.equal(false)
  })

  it('gives no work to a suspect that is silent, and goes on with one that renews', async () => {
    await scene.lead('m1')
    const busy = await scene.worker('busy', 1)
    const silent = await scene.worker('silent', 9)
    scene.world.members.suspect('busy')
    scene.world.members.suspect('silent')
    await scene.world.run(2_500)
    await scene.settled(busy.renew())
    await scene.settled(scene.client.submit('job'))
    expect((await scene.dispatch(busy)).workflow).to.equal('job/main')
    expect(silent.dispatches).to.deep.equal([])
  })

  it('K7 the lease of a worker that has ended counts from its newest grant, however long the leader has led', async () => {
    await scene.lead('m1')
    const lost = await scene.worker('w1', 1)
    const other = await scene.worker('w2', 0)
    await scene.settled(scene.client.submit('job'))
    await scene.dispatch(lost)
    await scene.world.run(3 * workerLeaseMs)
    await scene.settled(lost.renew())
    const grantedAtMs = scene.world.clock.now()
    await scene.world.run(500)
    scene.world.members.end('w1', 'crashed')
    // It is alive and goes on renewing: that changes nothing.
    expect(await scene.settled(lost.renew())).to.equal(false)
    other.credits = [1]
    await scene.settled(other.renew())
    await scene.dispatch(other)
    expect(scene.world.clock.now() - grantedAtMs).to.be.within(workerLeaseMs - 10, workerLeaseMs + 3_000)
  })

  it('K34 a renewal that was under way when its generation ended is granted nothing', async () => {
    Object.assign(scene.world.broker.faults, { latencyMinMs: 10, latencyMaxMs: 10 })
    await scene.lead('m1')
    const worker = await scene.worker('w1', 1)
    const renewed = worker.renew()
    // Two hops to the leader, and its append has two hops to go: the end comes in between.
    await scene.world.run(30)
    scene.world.members.end('w1', 'crashed')
    expect(await scene.settled(renewed)).to.equal(false)
  })
})
