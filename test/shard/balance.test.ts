import { shardRanks } from '@covey/machines'
import { limits, singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import { standIn } from '../harness/stand-in.js'
import { ShardScene } from './shard-scene.js'

const { leaderHintMs, leaderTimeoutMs, reconcileIntervalMs } = singleServerTimings
const asksAfterMs = (limits.handOverLooks + 1) * reconcileIntervalMs

describe('shards that managers share', () => {
  let scene: ShardScene

  beforeEach(() => {
    scene = new ShardScene()
  })
  afterEach(() => scene.close())

  const start = (shards: number, ...names: string[]): void => {
    for (const name of names) scene.world.manager(name, shards)
  }
  const leads = (name: string): readonly number[] => scene.world.find(name).part.leads()
  /** Who leads each shard, by its number; fails where two think that they do. */
  const leaders = (shards: number): string[] => {
    const names = ['m1', 'm2', 'm3'].filter((name) => scene.world.has(name))
    return Array.from({ length: shards }, (_, shard) => {
      const found = names.filter((name) => leads(name).includes(shard))
      expect(found.length, `leaders of shard ${shard}`).to.be.at.most(1)
      return found[0] ?? 'nobody'
    })
  }
  const firsts = (shards: number, ...names: string[]): (string | undefined)[] =>
    shardRanks(names, shards).map(([first]) => first)
  const balanced = (shards: number, ...names: string[]): Promise<void> =>
    scene.world.until(
      `balance of ${names}`,
      () => `${leaders(shards)}` === `${firsts(shards, ...names)}`,
      60_000,
    )
  const epochs = (name: string): number[] =>
    scene.world
      .find(name)
      .part.read()
      .map(({ epoch }) => epoch)

  it('K50: are led by who ranks first, each by one manager, and stay there', async () => {
    start(8, 'm1', 'm2', 'm3')
    await balanced(8, 'm1', 'm2', 'm3')
    const before = epochs('m1')
    await scene.world.run(60_000)
    expect(leaders(8)).to.deep.equal(firsts(8, 'm1', 'm2', 'm3'))
    expect(epochs('m1'), 'nothing moves to and fro').to.deep.equal(before)
  })

  it('H12: go to a manager that comes, one after the other and handed over, so that none is without a leader for long', async () => {
    start(8, 'm1')
    await balanced(8, 'm1')
    start(8, 'm2')
    await scene.world.run(reconcileIntervalMs)
    expect(leads('m2'), 'before it has ranked first for a while').to.deep.equal([])
    const vacant = new Map<number, number>()
    let longestMs = 0
    for (let passed = 0; passed < 30_000; passed += 20) {
      await scene.world.run(20)
      leaders(8).forEach((leader, shard) => {
        const ms = leader === 'nobody' ? (vacant.get(shard) ?? 0) + 20 : 0
        vacant.set(shard, ms)
        longestMs = Math.max(longestMs, ms)
      })
    }
    expect(leaders(8)).to.deep.equal(firsts(8, 'm1', 'm2'))
    expect(longestMs, 'without a leader').to.be.below(leaderHintMs / 2)
  })

  it('H13: are released by a goodbye, and the next claims at once; nobody has to wait for a silence', async () => {
    start(4, 'm1', 'm2')
    await balanced(4, 'm1', 'm2')
    const handed = leads('m1').length
    scene.world.members.end('m1', 'left')
    const fromMs = scene.world.clock.now()
    await scene.settled(scene.world.drain('m1'))
    await scene.world.until('all shards at m2', () => leads('m2').length === 4)
    expect(handed).to.equal(2)
    expect(scene.world.clock.now() - fromMs).to.be.below(leaderHintMs)
  })

  it('H2: are taken over twice in a row, and each epoch is higher than the one before', async () => {
    start(6, 'm1', 'm2', 'm3')
    await balanced(6, 'm1', 'm2', 'm3')
    await scene.world.run(1_000)
    for (const gone of ['m1', 'm2']) {
      const [orphans, before] = [leads(gone), epochs('m3')]
      expect(orphans).to.have.length(gone === 'm1' ? 2 : 3)
      scene.world.crash(gone)
      scene.world.members.end(gone, 'crashed')
      await scene.world.until(`all shards without ${gone}`, () => !leaders(6).includes('nobody'))
      await scene.world.run(1_000)
      for (const shard of orphans) expect(epochs('m3')[shard]).to.be.above(before[shard] ?? 0)
    }
    expect(leads('m3')).to.deep.equal([0, 1, 2, 3, 4, 5])
  })

  it('H3: are not led by a manager that wakes up after others have taken over: the log fences it', async () => {
    start(4, 'm1', 'm2')
    await balanced(4, 'm1', 'm2')
    scene.world.freeze('m1')
    scene.world.members.suspect('m1')
    await scene.world.until('all shards at m2', () => leads('m2').length === 4, 3 * leaderTimeoutMs)
    const taken = epochs('m2')
    scene.world.thaw('m1')
    await scene.world.run(leaderTimeoutMs)
    expect(leads('m1')).to.deep.equal([])
    expect(epochs('m2')).to.deep.equal(taken)
    // It takes part again, and gets its share back as one that comes.
    scene.world.members.join('m1', 'manager')
    await balanced(4, 'm1', 'm2')
  })

  it('K50: do not move by a suspicion', async () => {
    start(4, 'm1', 'm2')
    await balanced(4, 'm1', 'm2')
    await scene.world.run(1_000)
    const before = [epochs('m1'), leaders(4)]
    scene.world.members.suspect('m2')
    await scene.world.run(2 * asksAfterMs)
    expect([epochs('m1'), leaders(4)]).to.deep.equal(before)
  })

  it('K50: a manager claims no more of them at once than it may, however many are orphaned', async () => {
    let [claiming, most] = [0, 0]
    const counted = new Set<unknown>()
    scene.world.manager('m1', 32)
    scene.world.manager('m2', 32, (links) =>
      standIn(links, {
        log(shard) {
          const log = links.log(shard)
          if (counted.has(log)) return log
          counted.add(log)
          const { append } = log
          log.append = async (subject, ...rest) => {
            const isClaim = subject.includes('.claim.')
            if (isClaim) most = Math.max(most, ++claiming)
            return append.call(log, subject, ...rest).finally(() => (claiming -= isClaim ? 1 : 0))
          }
          return log
        },
      }),
    )
    await balanced(32, 'm1', 'm2')
    expect(leads('m1')).to.have.length(16)
    most = 0
    scene.world.crash('m1')
    Object.assign(scene.world.broker.faults, { latencyMinMs: 80, latencyMaxMs: 80 })
    scene.world.members.end('m1', 'crashed')
    await scene.world.until('all shards at m2', () => leads('m2').length === 32)
    expect(most).to.equal(limits.shardsAtOnceMax)
  })
})
