import { batchMessage, claimMessage, singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import { ShardScene } from './shard-scene.js'

const { leaderTimeoutMs } = singleServerTimings

describe('a log with entries that do not follow from one another', () => {
  let scene: ShardScene

  beforeEach(() => {
    scene = new ShardScene()
  })
  afterEach(() => scene.close())

  it('K11 K20 is folded anew once for each of them, and then led: two do not send its readers round for ever', async () => {
    await scene.lead('m1')
    await scene.world.run(1_000)
    scene.world.crash('m1')
    await scene.world.run(100)
    const log = scene.client.links.log(0)
    const end = await scene.settled(log.tail())
    const strangers = ['one-boot-0123456789', 'two-boot-0123456789', 'three-boot-0123456789']
    for (const [index, bootId] of strangers.entries()) {
      const batch = { streamEpoch: 1, epoch: 1, bootId, number: 1, elapsedMs: 0, events: [] }
      const subject = scene.world.subjects.batch(0)
      await scene.settled(log.append(subject, batchMessage.encode(batch), end + index))
    }
    const { notices } = scene.world.manager('m2')
    await scene.world.run(4 * leaderTimeoutMs)
    expect(notices.filter((notice) => notice.startsWith('log.restored'))).to.have.length(strangers.length)
    expect(await scene.leader()).to.equal('m2')
    const status = await scene.settled(scene.client.command({ type: 'status.get' }))
    expect(status?.type === 'status' && status.shards[0]).to.include({ leader: 'm2', streamEpoch: 2 })
  })

  it('K11 is not claimed by a manager whose fold ends just where the log has come to that others have written on', async () => {
    const tail = () => scene.settled(scene.client.links.log(0).tail())
    await scene.lead('m1')
    const { notices } = scene.world.manager('m2')
    const restorations = () => notices.filter((notice) => notice.startsWith('log.restored')).length
    await scene.world.run(5_000)
    scene.world.crash('m1')
    await scene.world.run(100)
    scene.world.freeze('m2')
    const folded = await tail()
    scene.world.broker.loseLogSuffix(0, 4)
    scene.world.manager('m3')
    await scene.world.until('a leader', () => scene.world.leaders().includes('m3'))
    await scene.settled(scene.client.submit('kept'))
    while ((await tail()) < folded) await scene.world.run(50)
    scene.world.crash('m3')
    expect(await tail()).to.equal(folded)
    scene.world.thaw('m2')
    await scene.world.until('a new fold', () => restorations() > 0, 2 * leaderTimeoutMs)
    expect(await scene.leader()).to.equal('m2')
    expect(await scene.stateOf('kept/main')).to.equal('queued')
    expect(restorations()).to.equal(1)
    const status = await scene.settled(scene.client.command({ type: 'status.get' }))
    expect(status?.type === 'status' && status.shards[0]).to.include({ leader: 'm2', streamEpoch: 2 })
  })

  it('K11 takes no batch of who led in what was lost, when it has grown to where that batch was to stand', async () => {
    await scene.lead('m1')
    await scene.world.run(2_000)
    scene.world.crash('m1')
    scene.world.members.end('m1', 'exited')
    const tail = () => scene.settled(scene.client.links.log(0).tail())
    const copy = await tail()
    scene.world.manager('m2')
    await scene.leader()
    await scene.world.run(1_200)
    const lost = await tail()
    scene.world.broker.stop()
    scene.world.broker.loseLogSuffix(0, lost - copy)
    scene.world.broker.start()
    // As far as it can see, who led last is gone: it need not wait.
    scene.world.manager('m3')
    let [leader, end] = ['', copy]
    const foreign: number[] = []
    scene.client.links.log(0).follow(copy, {
      onEntry({ subject, sequence, data }) {
        end = sequence
        if (subject !== scene.world.subjects.batch(0)) leader = claimMessage.decode(data).bootId
        else if (batchMessage.decode(data).bootId !== leader) foreign.push(sequence)
      },
    })
    await scene.world.until('it is as long again', () => end > lost + 2, 60_000)
    expect(foreign).to.deep.equal([])
  })
})
