import {
  claimMessage,
  commandsMessage,
  defaultRetention,
  foldVersion,
  limits,
  seenMessage,
  singleServerTimings,
} from '@covey/protocol'
import { expect } from 'chai'
import { ShardScene } from './shard-scene.js'

const { leaderTimeoutMs } = singleServerTimings

describe('the stream epoch of a shard', () => {
  let scene: ShardScene

  beforeEach(() => {
    scene = new ShardScene()
  })
  afterEach(() => scene.close())

  const shardView = async () => {
    const answer = await scene.settled(scene.client.command({ type: 'status.get' }))
    return answer?.type === 'status' ? answer.shards[0] : undefined
  }

  it('K11 is not raised by one frame to where nobody can claim it: the frame is refused, and its leader goes on', async () => {
    const { notices } = scene.world.find(await scene.lead('m1'))
    const { streamEpochMax, streamEpochLeapMax } = limits
    const named = [Number.MAX_SAFE_INTEGER, streamEpochMax + 1, streamEpochMax, streamEpochLeapMax + 2]
    for (const streamEpoch of named) {
      const frame = seenMessage.encode({ streamEpoch, sequence: 1 })
      scene.client.links.control.publish(scene.world.subjects.command(0), frame)
      await scene.world.run(2 * leaderTimeoutMs)
    }
    const refused = notices.filter((notice) => notice.startsWith('frame.refused'))
    expect(refused).to.have.length(named.length)
    expect(refused[1]).to.include('streamEpoch').and.to.include(String(streamEpochMax))
    expect(refused[2]).to.include(`names stream epoch ${streamEpochMax} of shard 0`)
    expect(await shardView()).to.include({ epoch: 1, leader: 'm1' })
    scene.client.seen = { streamEpoch: 1 + streamEpochLeapMax, sequence: 1 }
    expect(await scene.settled(scene.client.command({ type: 'status.get' }))).to.equal(undefined)
    await scene.leader()
    expect((await shardView())?.streamEpoch).to.equal(2 + streamEpochLeapMax)
  })

  it('K11 is raised by no word that names what is no term, or more places than anybody keeps', async () => {
    const { notices } = scene.world.find(await scene.lead('m1'))
    const place = { streamEpoch: 1, sequence: 1 }
    const seenBefore = Array.from({ length: limits.placesSeenMax + 1 }, () => ({
      ...place,
      term: 'ffffffffffff',
    }))
    const command = { type: 'status.get', number: 1 } as const
    const frames = [
      ...['', 'FFFFFFFFFFFF', 'fffffffffffff'].map((term) => seenMessage.encode({ ...place, term })),
      commandsMessage.encode({ client: 'client', seen: place, seenBefore, commands: [command] }),
    ]
    for (const frame of frames) scene.client.links.control.publish(scene.world.subjects.command(0), frame)
    await scene.world.run(2 * leaderTimeoutMs)
    const refused = notices.filter((notice) => notice.startsWith('frame.refused'))
    expect(refused).to.have.length(frames.length)
    expect(refused[0]).to.include('not a term')
    expect(await shardView()).to.include({ epoch: 1, leader: 'm1' })
  })

  it('K11 has a last stream epoch, beyond which no manager claims it: each says so', async () => {
    const { notices } = scene.world.find(await scene.lead('m1'))
    await scene.world.run(1_000)
    const body = {
      ...{ streamEpoch: limits.streamEpochMax, epoch: 2, leader: 'm9', generation: 1, bootId: 'm9-boot' },
      ...{ attempt: 1, foldVersion, retention: defaultRetention, elapsedMs: 0 },
    }
    const end = await scene.settled(scene.client.links.log(0).tail())
    const log = scene.client.links.log(0)
    await scene.settled(log.append(scene.world.subjects.claim(0, 2), claimMessage.encode(body), end))
    await scene.world.until('m1 again', () => scene.world.leaders().length === 0)
    await scene.leader()
    expect((await shardView())?.streamEpoch).to.equal(limits.streamEpochMax)
    scene.client.seen = { streamEpoch: limits.streamEpochMax, sequence: end + 1_000 }
    expect(await scene.settled(scene.client.command({ type: 'status.get' }))).to.equal(undefined)
    await scene.world.run(2 * leaderTimeoutMs)
    expect(scene.world.leaders()).to.deep.equal([])
    expect(notices.find((notice) => notice.startsWith('log.damaged'))).to.include('the last stream epoch')
  })
})
