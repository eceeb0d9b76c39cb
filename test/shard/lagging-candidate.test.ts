import { singleServerTimings } from '@covey/protocol'
import type { Links, LogEntry, LogFollower } from '@covey/transport'
import { expect } from 'chai'
import { standIn } from '../harness/stand-in.js'
import { ShardScene } from './shard-scene.js'

const { leaderTimeoutMs } = singleServerTimings

/** Links whose followers of the log are told nothing for as long as they are held, and all of it afterwards. */
class HeldFollowers {
  #isHeld = false
  readonly #waiting: (() => void)[] = []

  readonly change = (links: Links): Links =>
    standIn(links, {
      log: (shard) => {
        const real = links.log(shard)
        return standIn(real, {
          follow: (after, follower) => real.follow(after, this.#held(follower)),
        })
      },
    })

  hold(): void {
    this.#isHeld = true
  }

  release(): void {
    this.#isHeld = false
    for (const tell of this.#waiting.splice(0)) tell()
  }

  #held(follower: LogFollower): LogFollower {
    const later = (tell: () => void): void => {
      if (this.#isHeld) this.#waiting.push(tell)
      else tell()
    }
    return {
      ...follower,
      onEntry: (entry: LogEntry) => later(() => follower.onEntry(entry)),
    }
  }
}

describe('a candidate that lags behind the log', () => {
  it('K1 claims at the tail that it has folded, so that it wins nothing before it knows all that was', async () => {
    const scene = new ShardScene()
    const followers = new HeldFollowers()
    await scene.lead('m1')
    scene.world.manager('m2', 1, followers.change)
    await scene.world.run(2_000)
    followers.hold()
    await scene.settled(scene.client.submit('job'))
    scene.world.crash('m1')
    const log = scene.client.links.log(0)
    const tail = await scene.settled(log.tail())
    // It has seen silence again and again, and each claim of its was refused.
    await scene.world.run(4 * leaderTimeoutMs)
    expect(scene.world.leaders()).to.deep.equal([])
    expect(await scene.settled(log.tail())).to.equal(tail)
    followers.release()
    await scene.leader()
    expect(await scene.stateOf('job/main')).to.equal('queued')
    await scene.close()
  })
})
