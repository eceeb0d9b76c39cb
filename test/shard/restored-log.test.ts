import { batchMessage, compareTokens, parseToken, singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import type { ScriptedWorker } from './scripted-worker.js'
import { ShardScene } from './shard-scene.js'
import type { TestManager } from './shard-world.js'

const { leaderTimeoutMs, leaderHintMs, workerLeaseMs } = singleServerTimings

describe('a log that has lost its last entries', () => {
  let scene: ShardScene

  beforeEach(() => {
    scene = new ShardScene()
  })
  afterEach(() => scene.close())

  const tail = () => scene.settled(scene.client.links.log(0).tail())
  const restorations = ({ notices }: TestManager): string[] =>
    notices.filter((notice) => notice.startsWith('log.restored'))

  const shardView = async () => {
    const answer = await scene.settled(scene.client.command({ type: 'status.get' }))
    return answer?.type === 'status' ? answer.shards[0] : undefined
  }
  const streamEpoch = async (): Promise<number> => {
    const view = await shardView()
    if (view === undefined) throw new Error('nobody says which stream epoch it is')
    return view.streamEpoch ?? 1
  }

  /** Submits a job and waits until the worker has it; answers its token. */
  const assign = async (worker: ScriptedWorker, job: string, limitMs = 20_000): Promise<string> => {
    const before = worker.dispatches.length
    expect(await scene.settled(scene.client.submit(job))).to.include({ type: 'submitted' })
    await scene.world.until(`${job} at ${worker.name}`, () => worker.dispatches.length > before, limitMs)
    return worker.dispatches[before]?.token ?? ''
  }

  /** Renews until a leader has opened the worker under this stream epoch. */
  const opened = async (worker: ScriptedWorker, under: number): Promise<void> => {
    for (let asked = 0; worker.streamEpoch < under && asked < 20; asked += 1) {
      await scene.settled(worker.renew())
      await scene.world.run(500)
    }
    expect(worker.streamEpoch).to.equal(under)
  }

  /**
   * m1 leads; the store is copied; m2 leads after it and gives tokens out. The copy is put back, and whoever leads claims
   * the epoch of m2 again, at the sequences of m2.
   */
  const restore = async (worker: ScriptedWorker): Promise<string> => {
    await scene.world.run(2_000)
    scene.world.crash('m1')
    const copy = await tail()
    scene.world.manager('m2')
    await scene.leader()
    await scene.settled(worker.renew())
    await scene.world.run(100)
    const token = await assign(worker, 'lost')
    scene.world.crash('m2')
    scene.world.broker.loseLogSuffix(0, (await tail()) - copy)
    return token
  }

  it('K11 gives no token twice: whoever leads it hears of it from a worker, and claims it anew before any other act', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 4)
    const lost = await restore(worker)
    scene.world.manager('m3')
    await scene.leader()
    const events: string[] = []
    scene.client.links.log(0).follow(await tail(), {
      onEntry({ subject, data }) {
        const isBatch = subject === scene.world.subjects.batch(0)
        events.push(...(isBatch ? batchMessage.decode(data).events.map(({ type }) => type) : ['claim']))
      },
    })
    await opened(worker, 2)
    expect(events[0]).to.equal('claim')
    expect(await streamEpoch()).to.equal(2)
    const token = await assign(worker, 'next')
    expect(compareTokens(token, lost)).to.be.greaterThan(0)
    expect(parseToken(token)).to.include({ streamEpoch: 2, epoch: 3 })
  })

  it('K11 gives the same token again where nobody remembers: this is what it is about', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 4)
    const lost = await restore(worker)
    Object.assign(worker, { seen: undefined, opened: false, epoch: 0, streamEpoch: 0 })
    scene.world.manager('m3')
    await scene.leader()
    await scene.settled(worker.renew())
    await scene.world.run(100)
    expect(compareTokens(await assign(worker, 'next'), lost)).to.equal(0)
  })

  it('K11 hears of it from a client too', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 4)
    await restore(worker)
    scene.world.manager('m3')
    await scene.leader()
    const end = await tail()
    scene.client.seen = { streamEpoch: 1, sequence: end + 50 }
    expect(await scene.settled(scene.client.command({ type: 'status.get' }))).to.equal(undefined)
    await scene.world.until('a leader again', () => scene.world.leaders().length === 1, leaderHintMs + 500)
    expect(await streamEpoch()).to.equal(2)
    // What is behind the raise concerns nobody any more.
    expect(await streamEpoch()).to.equal(2)
  })

  it('K11 gives nothing out before the leases of what was lost are over, also after a change of leader', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 4)
    await restore(worker)
    scene.world.manager('m3')
    await scene.leader()
    await opened(worker, 2)
    const raisedAtMs = scene.world.clock.now()
    await scene.settled(scene.client.submit('next'))
    scene.world.crash('m3')
    scene.world.members.end('m3', 'exited')
    scene.world.manager('m4')
    await scene.leader()
    await scene.settled(worker.renew())
    const before = worker.dispatches.length
    await scene.world.run(workerLeaseMs - 3_500 - (scene.world.clock.now() - raisedAtMs))
    expect(worker.dispatches.length).to.equal(before)
    await scene.world.until('a dispatch', () => worker.dispatches.length > before, workerLeaseMs)
    expect(scene.world.clock.now() - raisedAtMs).to.be.at.least(workerLeaseMs - 3_500)
  })

  it('K11 confirms the words of attempts that only the lost entries knew, so that nobody says them for ever', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 4)
    const token = await restore(worker)
    scene.world.manager('m3')
    await scene.leader()
    await opened(worker, 2)
    worker.report({ kind: 'burnt', token, workflow: 'lost/main', credits: [], reason: 'fenced' })
    await scene.world.until('the word', () => worker.logged.includes(token), 1_000)
    expect(await scene.stateOf('lost/main')).to.equal('error')
  })

  it('K11 is folded anew by a manager that has folded more, which then leads it', async () => {
    const leader = await scene.lead('m1', 'm2')
    await scene.settled(scene.client.submit('kept'))
    await scene.world.run(3_000)
    await scene.settled(scene.client.submit('lost'))
    await scene.world.run(1_000)
    scene.world.broker.loseLogSuffix(0, 3)
    const manager = scene.world.find(leader)
    await scene.world.until('a new fold', () => restorations(manager).length > 0, 10 * leaderTimeoutMs)
    expect(restorations(manager)[0]).to.match(
      /"code":"log_restored".*no longer has what was folded up to entry \d+/,
    )
    await scene.world.run(4 * leaderTimeoutMs)
    await scene.leader()
    expect(await streamEpoch()).to.equal(2)
    expect(await scene.stateOf('kept/main')).to.equal('queued')
    expect(await scene.stateOf('lost/main')).to.equal('error')
    for (const name of ['m1', 'm2'])
      expect(scene.world.find(name).notices.join()).not.to.include('log.damaged')
  })

  it('K11 is folded anew by a manager that finds another batch where it has folded one, and is raised by it', async () => {
    await scene.lead('m1')
    const follower = scene.world.manager('m2')
    await scene.world.run(5_000)
    const folded = await tail()
    scene.world.freeze('m2')
    scene.world.crash('m1')
    scene.world.broker.loseLogSuffix(0, 4)
    scene.world.manager('m3')
    await scene.world.until('a leader', () => scene.world.leaders().includes('m3'))
    while ((await tail()) < folded + 10) await scene.world.run(500)
    expect(await streamEpoch()).to.equal(1)
    scene.world.thaw('m2')
    await scene.world.until('a new fold', () => restorations(follower).length > 0, 2 * leaderTimeoutMs)
    await scene.world.run(2 * leaderTimeoutMs)
    await scene.leader()
    expect(await streamEpoch()).to.equal(2)
    expect(restorations(follower)).to.have.length(1)
  })

  it('K11 is told of to whoever leads by a manager that has begun a new generation since', async () => {
    await scene.lead('m1')
    const { part } = scene.world.manager('m2')
    await scene.world.run(5_000)
    scene.world.crash('m1')
    part.close()
    scene.world.broker.loseLogSuffix(0, 3)
    scene.world.manager('m3')
    await scene.world.until('a leader', () => scene.world.leaders().includes('m3'))
    part.open({ nodeId: 'm2', generation: 2, bootId: 'm2-boot-2-0123456789abcdef' })
    part.activate()
    await scene.world.run(2 * leaderTimeoutMs)
    await scene.leader()
    expect(await streamEpoch()).to.equal(2)
  })

  it('K11 is not suspected by a leader that was deposed while it was stopped, whatever others have seen since', async () => {
    const first = await scene.lead('m1', 'm2')
    const worker = await scene.worker('w1', 2)
    scene.world.broker.freeze(first)
    await scene.world.until('another leads', () => scene.world.leaders().some((name) => name !== first))
    scene.world.broker.thaw(first)
    await scene.settled(worker.renew())
    await scene.world.run(4 * leaderTimeoutMs)
    expect(await streamEpoch()).to.equal(1)
  })
})
