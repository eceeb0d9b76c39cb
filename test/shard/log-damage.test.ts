import { shardRanks } from '@covey/machines'
import { commandDoor, limits, singleServerTimings } from '@covey/protocol'
import type { LogFollower } from '@covey/transport'
import { expect } from 'chai'
import { standIn } from '../harness/stand-in.js'
import { ShardScene } from './shard-scene.js'
import type { TestManager } from './shard-world.js'

const { leaderTimeoutMs, reconcileIntervalMs } = singleServerTimings

describe('a log that lacks entries', () => {
  let scene: ShardScene

  beforeEach(() => {
    scene = new ShardScene()
  })
  afterEach(() => scene.close())

  const log = () => scene.client.links.log(0)
  const tail = () => scene.settled(log().tail())
  const damages = ({ notices }: TestManager): string[] =>
    notices.filter((notice) => notice.startsWith('log.damaged'))
  /** The actors of a manager: none of them is left once it takes no part any more. */
  const actors = ({ env }: TestManager): readonly string[] => env.system.addresses()

  it('K2 is named by a manager that meets a jump, which takes no part any more; who leads goes on', async () => {
    const leader = await scene.lead('m1')
    await scene.world.run(5_000)
    await scene.settled(log().trim(2))
    const late = scene.world.manager('m2')
    await scene.world.until('the damage', () => damages(late).length > 0, 1_000)
    expect(damages(late)).to.have.length(1)
    expect(damages(late)[0]).to.include('"code":"log_damaged"').and.to.include('"address":"covey-test-log-0"')
    expect(actors(late)).to.deep.equal([])
    await scene.world.run(10_000)
    expect(await scene.leader()).to.equal(leader)
    scene.world.crash(leader)
    await scene.world.run(10 * leaderTimeoutMs)
    expect(scene.world.leaders()).to.deep.equal([])
    expect(await scene.settled(scene.world.drain('m2'), 100)).to.deep.equal({ clean: true })
  })

  it('K2 is named where nothing is left to jump to, once that is no old answer any more', async () => {
    await scene.lead('m1')
    await scene.world.run(5_000)
    scene.world.crash('m1')
    await scene.world.run(1_000)
    await scene.settled(log().trim(await tail()))
    const late = scene.world.manager('m2')
    await scene.world.run(limits.logDoubtMsMax - 1_000)
    expect(damages(late)).to.deep.equal([])
    await scene.world.until('the damage', () => damages(late).length > 0, 3 * leaderTimeoutMs)
    expect(damages(late)[0]).to.match(/has nothing between entry 0 and its end at \d+/)
    expect(actors(late)).to.deep.equal([])
  })

  it('is not suspected because of answers that are old', async () => {
    await scene.lead('m1')
    let isBehind = true
    const late = scene.world.manager('m2', 1, (links) =>
      standIn(links, {
        log: (shard) => {
          const real = links.log(shard)
          return standIn(real, {
            read: (sequence) => (isBehind ? Promise.resolve({ kind: 'absent' }) : real.read(sequence)),
            follow(after, follower) {
              if (!isBehind) return real.follow(after, follower)
              follower.onCaughtUp?.()
              return () => undefined
            },
          })
        },
      }),
    )
    await scene.world.run(limits.logDoubtMsMax - 5_000)
    expect(late.notices).to.deep.equal([])
    isBehind = false
    await scene.world.run(10 * leaderTimeoutMs)
    expect(damages(late)).to.deep.equal([])
  })

  it('of one shard leaves the manager to its other shards', async () => {
    scene.world.manager('m1', 2)
    await scene.world.run(5_000)
    await scene.settled(log().trim(2))
    const late = scene.world.manager('m2', 2)
    await scene.world.until('the damage', () => damages(late).length > 0, 1_000)
    expect(actors(late)).to.have.members(['leadership.1', 'manager', 'overload'])
    scene.world.crash('m1')
    await scene.world.until('lead of 1', () => `${late.part.leads()}` === '1')
    expect(await scene.settled(scene.world.drain('m2'), 500)).to.deep.equal({ clean: true })
  })

  it('K2 K50 is not asked for by a manager that ranks first for it, and had folded it before', async () => {
    const shard = shardRanks(['m1', 'm2'], 2).findIndex(([first]) => first === 'm2')
    const { part } = scene.world.manager('m1', 2)
    await scene.world.until('the lead of both', () => part.leads().length === 2)
    await scene.world.run(3_000)
    const followers: LogFollower[] = []
    const first = scene.world.manager('m2', 2, (links) =>
      standIn(links, {
        log: (index) => {
          const real = links.log(index)
          return standIn(real, {
            follow(after, follower) {
              if (index === shard) followers.push(follower)
              return real.follow(after, follower)
            },
          })
        },
      }),
    )
    await scene.world.run(reconcileIntervalMs / 2)
    const asked: string[] = []
    scene.client.links.control.subscribe(scene.world.subjects.command(shard), ({ data }) => {
      const { kind } = commandDoor.decode(data)
      if (kind === 'manager.handOver') asked.push(kind)
    })
    followers[0]?.onEntry({ sequence: 1_000, subject: 'any', data: new Uint8Array() })
    await scene.world.until('the damage', () => damages(first).length > 0, 1_000)
    await scene.world.run((limits.handOverLooks + 3) * reconcileIntervalMs)
    expect(asked).to.deep.equal([])
    expect(part.leads()).to.include(shard)
  })
})
