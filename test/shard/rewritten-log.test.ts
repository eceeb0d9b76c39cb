import { type StreamPlace, seenMessage, singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import type { ScriptedWorker } from './scripted-worker.js'
import { ShardScene } from './shard-scene.js'

const { leaderTimeoutMs, leaderHintMs, renewalIntervalMs } = singleServerTimings

describe('a log that has lost its last entries and was written on to where they had been', () => {
  let scene: ShardScene

  beforeEach(() => {
    scene = new ShardScene()
  })
  afterEach(() => scene.close())

  const tail = () => scene.settled(scene.client.links.log(0).tail())
  const streamEpoch = async (): Promise<number> => {
    const answer = await scene.settled(scene.client.command({ type: 'status.get' }))
    if (answer?.type !== 'status') throw new Error('nobody says which stream epoch it is')
    return answer.shards[0]?.streamEpoch ?? 1
  }
  /** Where the log is, as a leader tells a worker. */
  const told = async (worker: ScriptedWorker): Promise<StreamPlace> => {
    await scene.settled(worker.renew())
    if (worker.seen === undefined) throw new Error('no grant came')
    return worker.seen
  }
  /** Loses what was written behind an entry, and lets a new manager write on until the log is longer than it was. */
  const rewrite = async (kept: number, leader: string, upTo: number): Promise<void> => {
    // What the dead had sent has arrived by then.
    await scene.world.run(100)
    scene.world.broker.loseLogSuffix(0, (await tail()) - kept)
    scene.world.manager(leader)
    await scene.world.until('the next leader', () => scene.world.leaders().includes(leader))
    while ((await tail()) <= upTo) await scene.world.run(200)
  }
  /** m1 leads; a copy; m2 leads after it, and a worker hears of it; the copy is put back, and m3 writes beyond all that. */
  const lost = async (worker: ScriptedWorker): Promise<StreamPlace> => {
    await scene.world.run(1_000)
    const kept = await tail()
    scene.world.crash('m1')
    scene.world.manager('m2')
    await scene.leader()
    const place = await told(worker)
    scene.world.crash('m2')
    // It answers the new leader, but names nothing yet.
    worker.seen = undefined
    await rewrite(kept, 'm3', place.sequence + 5)
    worker.seen = place
    expect(await streamEpoch()).to.equal(1)
    return place
  }
  const raised = async (): Promise<void> => {
    await scene.world.until('none leads', () => scene.world.leaders().length === 0, renewalIntervalMs)
    await scene.world.until('a leader again', () => scene.world.leaders().length === 1, leaderHintMs + 500)
    expect(await streamEpoch()).to.equal(2)
  }

  it('K11 is claimed anew on the word of a worker, though the log is longer than the one that it has seen', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 4)
    const place = await lost(worker)
    expect(place.sequence).to.be.lessThan(await tail())
    void worker.renew()
    await raised()
  })

  it('K11 is claimed anew on the word of a worker that has heard of the lost claim alone', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 4)
    const place = await lost(worker)
    const claims: number[] = []
    scene.client.links.log(0).follow(0, {
      onEntry: ({ subject, sequence }) => claims.push(...(subject.includes('.claim.') ? [sequence] : [])),
      onCaughtUp: () => undefined,
    })
    await scene.world.run(10)
    // The lost claim and the one in its place have one epoch and one sequence.
    expect(claims).to.have.length(2)
    worker.seen = { ...place, sequence: claims[1] ?? 0 }
    void worker.renew()
    await raised()
  })

  it('K11 is claimed anew on the word of a worker that has heard of what was written since before it spoke', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 4)
    const place = await lost(worker)
    const other = await scene.worker('w2', 0)
    worker.seenBefore = [place]
    worker.seen = await told(other)
    void worker.renew()
    await raised()
  })

  it('K11 is claimed anew once by a client that names it, however often its word arrives', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 4)
    scene.client.seen = await lost(worker)
    void scene.client.command({ type: 'status.get' })
    await raised()
    for (let again = 0; again < 3; again += 1) expect(await streamEpoch()).to.equal(2)
    const place = seenMessage.encode(scene.client.seen)
    scene.client.links.control.publish(scene.world.subjects.command(0), place)
    await scene.world.run(leaderTimeoutMs)
    expect(await streamEpoch()).to.equal(2)
  })

  it('K11 is not claimed anew on a word that names no term, or a true one', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 0)
    const first = await told(worker)
    await scene.world.run(3_000)
    scene.world.manager('m2')
    scene.world.crash('m1')
    await scene.leader()
    const second = await told(worker)
    expect(second.term).to.not.equal(first.term)
    const { streamEpoch: _, ...length } = first
    for (const seen of [first, second, { streamEpoch: 1, sequence: length.sequence }]) {
      scene.client.seen = seen
      expect(await streamEpoch()).to.equal(1)
    }
  })

  /** m2 leads and m9 folds what it writes; then m2 dies, and the log goes back to before its claim. */
  const followed = async (): Promise<{ readonly kept: number; readonly folded: number }> => {
    await scene.lead('m1')
    await scene.world.run(1_000)
    const kept = await tail()
    scene.world.crash('m1')
    scene.world.manager('m2')
    await scene.leader()
    scene.world.manager('m9')
    await scene.world.run(3_000)
    scene.world.crash('m2')
    await scene.world.run(100)
    const folded = await tail()
    expect(scene.world.find('m9').part.read()[0]?.sequence).to.equal(folded)
    return { kept, folded }
  }
  const restorations = (): string[] =>
    scene.world.find('m9').notices.filter((notice) => notice.startsWith('log.restored'))

  it('K11 is not folded on by a manager that finds the claim of just the next epoch where its fold ends', async () => {
    const { kept, folded } = await followed()
    scene.world.freeze('m9')
    await rewrite(kept, 'm3', folded - 1)
    scene.world.crash('m3')
    scene.world.members.end('m3', 'exited')
    expect(await tail()).to.equal(folded)
    scene.world.manager('m4')
    await scene.world.until('the next leader', () => scene.world.leaders().includes('m4'))
    scene.world.thaw('m9')
    await scene.world.until('a new fold', () => restorations().length > 0, leaderTimeoutMs)
    await scene.world.run(2 * leaderTimeoutMs)
    await scene.leader()
    expect(await streamEpoch()).to.equal(2)
  })

  it('K11 is remembered by a manager that skips to a snapshot of it', async () => {
    const snapshotEvents = 20
    scene.world.keeping = { ...scene.world.keeping, snapshotEvents }
    const { kept, folded } = await followed()
    scene.world.broker.cut('m9')
    await rewrite(kept, 'm3', folded)
    const isThere = async (): Promise<boolean> =>
      (await scene.settled(scene.client.links.log(0).read(folded + 1))).kind === 'found'
    for (let job = 0; job < 10 * snapshotEvents && (await isThere()); job += 1) {
      await scene.settled(scene.client.submit(`job${job}`))
      if (job % snapshotEvents === 0) await scene.world.run(5_000)
    }
    expect(await isThere()).to.equal(false)
    expect(await streamEpoch()).to.equal(1)
    scene.world.broker.heal('m9')
    await scene.world.run(4 * leaderTimeoutMs)
    await scene.leader()
    expect(await streamEpoch()).to.equal(2)
    expect(scene.world.find('m9').notices.join()).not.to.include('log.damaged')
  })
})
