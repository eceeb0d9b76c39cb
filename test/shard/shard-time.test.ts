import { batchMessage, claimMessage } from '@covey/protocol'
import type { Links, LogEntry } from '@covey/transport'
import { expect } from 'chai'
import { ShardScene } from './shard-scene.js'

describe('time of a shard', () => {
  let scene: ShardScene
  let links: Links
  let shardMs: number
  let appends: number

  beforeEach(() => {
    scene = new ShardScene()
    links = scene.world.broker.open('reader')
    shardMs = 0
    appends = 0
    links.log(0).follow(0, { onEntry: (entry) => count(entry) })
  })
  afterEach(async () => {
    await scene.world.closeLinks(links)
    await scene.close()
  })

  const count = ({ subject, data }: LogEntry): void => {
    const isBatch = subject === scene.world.subjects.batch(0)
    shardMs += isBatch ? batchMessage.decode(data).elapsedMs : claimMessage.decode(data).elapsedMs
    appends += 1
  }

  /** Keeps the log busy: with several at a time, one append follows the other. */
  const ask = async (untilMs: number): Promise<void> => {
    while (scene.world.clock.now() < untilMs) await scene.client.command({ type: 'status.get' })
  }

  for (const hopMs of [0.15, 0.35]) {
    it(`K16 is neither lost nor gained where appends follow each other in ${2 * hopMs} ms`, async () => {
      Object.assign(scene.world.broker.faults, { latencyMinMs: hopMs, latencyMaxMs: hopMs })
      await scene.lead('m1')
      const asked = Promise.all([1, 2, 3, 4, 5].map(() => ask(scene.world.clock.now() + 1_200)))
      await scene.world.run(100)
      const [fromMs, fromShardMs, fromAppends] = [scene.world.clock.now(), shardMs, appends]
      await scene.settled(asked)
      expect(appends - fromAppends).to.be.above(400)
      expect(shardMs - fromShardMs).to.be.closeTo(scene.world.clock.now() - fromMs, 5)
    })
  }

  it('K16 what a leader has counted in its term is not counted again when it claims anew', async () => {
    await scene.lead('m1')
    await scene.world.run(2_000)
    const [fromMs, fromShardMs] = [scene.world.clock.now(), shardMs]
    await scene.world.run(30_000)
    scene.world.broker.stop()
    await scene.world.run(10_000)
    scene.world.broker.start()
    await scene.world.run(8_000)
    await scene.leader()
    expect(shardMs - fromShardMs).to.be.closeTo(scene.world.clock.now() - fromMs, 1_500)
  })
})
