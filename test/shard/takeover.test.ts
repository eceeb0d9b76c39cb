import { singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import { ShardScene } from './shard-scene.js'

const { leaderHintMs, leaderTimeoutMs } = singleServerTimings

describe('takeover of a log that exists', () => {
  let scene: ShardScene

  beforeEach(() => {
    scene = new ShardScene()
  })
  afterEach(() => scene.close())

  const tookMs = async (manager: string): Promise<number> => {
    const fromMs = scene.world.clock.now()
    await scene.lead(manager)
    return scene.world.clock.now() - fromMs
  }

  it('is quick where the last leader released it', async () => {
    await scene.lead('m1')
    await scene.settled(scene.world.drain('m1'))
    scene.world.crash('m1')
    await scene.world.run(10_000)
    expect(await tookMs('m2')).to.be.below(leaderHintMs + 500)
  })

  it('is quick where the end of the last leader is a fact, and patient where it is not', async () => {
    await scene.lead('m1')
    scene.world.crash('m1')
    await scene.world.run(10_000)
    expect(await tookMs('m2')).to.be.above(leaderTimeoutMs - 100)
    scene.world.crash('m2')
    scene.world.members.end('m2', 'crashed')
    expect(await tookMs('m3')).to.be.below(leaderHintMs + 500)
  })

  /** A leader that is gone, and one that folds its log. */
  const kill = async (): Promise<number> => {
    await scene.lead('m1')
    scene.world.manager('m2')
    await scene.world.run(500)
    scene.world.crash('m1')
    return scene.world.clock.now()
  }
  const leads = (): boolean => scene.world.leaders().includes('m2')

  it('K44 is quick where the broker says that nobody listens at the leader', async () => {
    const fromMs = await kill()
    scene.world.members.offline('m1')
    await scene.world.until('the next leader', leads)
    expect(scene.world.clock.now() - fromMs).to.be.within(leaderHintMs, leaderHintMs + 500)
  })

  it('K44 is patient where others suspect the leader, and asks it', async () => {
    const fromMs = await kill()
    for (const state of ['suspect', 'suspect'] as const) scene.world.members[state]('m1')
    expect(scene.world.members.asked).to.deep.equal(['m1'])
    await scene.world.until('the next leader', leads)
    expect(scene.world.clock.now() - fromMs).to.be.above(leaderTimeoutMs - 1_100)
  })

  it('K44 is patient again where the leader is heard that nobody listened at, and no second word of that kind counts', async () => {
    const fromMs = await kill()
    scene.world.members.offline('m1')
    await scene.world.run(leaderHintMs / 2)
    scene.world.members.join('m1', 'manager')
    scene.world.members.offline('m1')
    await scene.world.until('the next leader', leads)
    expect(scene.world.clock.now() - fromMs).to.be.above(leaderTimeoutMs)
  })

  it('K44 comes although the last words of the leader arrive after the word that it is gone', async () => {
    await scene.lead('m1')
    scene.world.manager('m2')
    await scene.world.run(500)
    scene.world.members.offline('m1')
    const fromMs = scene.world.clock.now()
    await scene.settled(scene.client.submit('last'))
    scene.world.crash('m1')
    await scene.world.until('the next leader', leads)
    expect(scene.world.clock.now() - fromMs).to.be.below(leaderHintMs + 500)
  })

  it('K44 is not put off by other news of members that comes meanwhile', async () => {
    await scene.lead('m1')
    scene.world.manager('m2')
    await scene.world.run(500)
    scene.world.crash('m1')
    scene.world.members.end('m1', 'crashed')
    const fromMs = scene.world.clock.now()
    for (let count = 0; scene.world.leaders().length === 0 && count < 100; count += 1) {
      scene.world.members.join(`w${count}`, 'worker')
      await scene.world.run(leaderHintMs / 5)
    }
    expect(scene.world.clock.now() - fromMs).to.be.below(leaderHintMs + 500)
  })
})
