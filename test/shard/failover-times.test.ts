import { packValue, parseToken, singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import { Executions } from '../scenario/executions.js'
import { RunningWorker } from './running-worker.js'
import { ScriptedClient } from './scripted-client.js'
import { ShardScene } from './shard-scene.js'
import { ShardWorld } from './shard-world.js'

const { leaderHintMs, leaderTimeoutMs, workerLeaseMs, reconcileIntervalMs, renewalIntervalMs } =
  singleServerTimings
const seeds = process.env.SEED ? [Number(process.env.SEED)] : [1, 2, 3, 4, 5]

/** Three managers and three workers that are never out of work. */
class LoadedShard {
  readonly world: ShardWorld
  readonly ran = new Executions()
  readonly #client: ScriptedClient
  readonly #workers: RunningWorker[]

  constructor(seed: number) {
    this.world = new ShardWorld(seed)
    this.#client = new ScriptedClient(this.world)
    for (const name of ['m1', 'm2', 'm3']) this.world.manager(name)
    this.#workers = ['w1', 'w2', 'w3'].map(
      (name) => new RunningWorker(this.world, this.ran, name, 1, (links) => links),
    )
  }

  /** Submits so many jobs of one workflow that takes 40 ms, and lets a good part of them run. */
  async load(count: number): Promise<void> {
    await this.world.until('a leader', () => this.world.leaders().length === 1)
    const input = packValue({ ms: 40, fails: false })
    for (let job = 0; job < count; job += 1)
      void this.#client.submit(`job${job}`, [{ step: 'main', name: 'work', after: [], input }])
    await this.world.until('some of them', () => this.ran.all.length > 50)
  }

  /** Kills the leader, and somebody tells that or nobody does. Answers how long nothing was assigned. */
  async killLeader(teller: 'its parent' | 'the broker' | 'nobody'): Promise<number> {
    const [leader = ''] = this.world.leaders()
    const atMs = this.world.clock.now()
    this.world.crash(leader)
    if (teller === 'its parent') this.world.members.end(leader, 'exited')
    if (teller === 'the broker') this.world.members.offline(leader)
    const ofNext = () => this.ran.all.find(({ token }) => parseToken(token).epoch > 1)
    await this.world.until('an assignment of the next leader', () => ofNext() !== undefined)
    return (ofNext()?.startMs ?? Number.NaN) - atMs
  }

  /** Waits until as many workflows have run as were submitted, and none of them twice at a time. */
  async finish(count: number): Promise<void> {
    const done = () => new Set(this.ran.all.map(({ workflow }) => workflow)).size
    await this.world.until('the end', () => done() === count && this.ran.running.length === 0, 60_000)
    expect(this.ran.overlaps()).to.deep.equal([])
  }

  async close(): Promise<void> {
    for (const worker of this.#workers) await worker.close()
    await this.world.closeLinks(this.#client.links)
    await this.world.close()
  }
}

describe('how long a failover takes', () => {
  // A hint shortens the wait, never to nothing; and who has no hint counts from the newest append.
  for (const [how, teller, fromMs, withinMs] of [
    ['1 s where its parent tells', 'its parent', leaderHintMs, 1_000],
    ['1 s where the broker tells', 'the broker', leaderHintMs, 1_000],
    ['4 s where nobody does', 'nobody', leaderTimeoutMs - renewalIntervalMs, 4_000],
  ] as const)
    for (const seed of seeds)
      it(`K44 H25 assignments go on within ${how}, under load, when the leader is killed (seed ${seed})`, async () => {
        const shard = new LoadedShard(seed)
        await shard.load(300)
        expect(await shard.killLeader(teller)).to.be.within(fromMs, withinMs)
        await shard.finish(300)
        await shard.close()
      })

  describe('of a worker', () => {
    let scene: ShardScene
    beforeEach(() => {
      scene = new ShardScene()
    })
    afterEach(() => scene.close())

    /** How long the work of a worker that ends lies, while another one has room. */
    const movedAfterMs = async (how: 'exited' | 'crashed', exclusive: boolean): Promise<number> => {
      await scene.lead('m1')
      const lost = await scene.worker('w1', 1, { exclusive })
      await scene.settled(scene.client.submit('job'))
      await scene.dispatch(lost)
      const other = await scene.worker('w2', 1, { exclusive })
      await scene.settled(lost.renew())
      const atMs = scene.world.clock.now()
      lost.crash()
      scene.world.members.end('w1', how)
      await scene.dispatch(other)
      return scene.world.clock.now() - atMs
    }

    it('K49 is within 1 s where its parent saw it end', async () => {
      expect(await movedAfterMs('exited', true)).to.be.below(1_000)
    })

    it('K7 is its lease where nobody saw it, for work that is exclusive', async () => {
      const latestMs = workerLeaseMs + reconcileIntervalMs + renewalIntervalMs
      expect(await movedAfterMs('crashed', true)).to.be.within(workerLeaseMs - 100, latestMs)
    })

    it('H25 is nothing where nobody saw it, for work that is not exclusive', async () => {
      expect(await movedAfterMs('crashed', false)).to.be.below(100)
    })
  })
})
