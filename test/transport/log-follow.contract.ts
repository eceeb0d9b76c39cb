import { createSubjects, type Subjects } from '@covey/protocol'
import type { Links, Log } from '@covey/transport'
import { expect } from 'chai'
import { bytes, eventually, type MakeWorld, type TransportWorld } from './transport-world.js'

const fold = (log: Log, afterSequence: number) => {
  const seen: (number | string)[] = []
  const stop = log.follow(afterSequence, {
    onEntry: (entry) => seen.push(entry.sequence),
    onCaughtUp: () => seen.push('caught up'),
  })
  return { seen, stop }
}

/** What every adapter of the `Log` port does for those who follow it. */
export function logFollowContract(name: string, make: MakeWorld): void {
  describe(`Followers of a log over ${name}`, () => {
    let world: TransportWorld
    let subjects: Subjects
    let links: Links
    let log: Log
    const fill = async (first: number, last: number): Promise<void> => {
      for (let sequence = first; sequence <= last; sequence += 1) {
        const outcome = await log.append(subjects.batch(0), bytes(`${sequence}`), sequence - 1)
        expect(outcome).to.deep.equal({ kind: 'appended', sequence })
      }
    }

    beforeEach(async () => {
      world = await make()
      subjects = createSubjects(world.cluster)
      links = await world.open('one')
      log = links.log(0)
    })
    afterEach(() => world.close())

    it('follows in order from the middle, says when it has caught up, and goes on', async () => {
      await fill(1, 5)
      const { seen } = fold(log, 2)
      await eventually('the follower has caught up', () => seen.includes('caught up'))
      await fill(6, 7)
      await eventually('the later entries are told', () => seen.includes(7))
      expect(seen).to.deep.equal([3, 4, 5, 'caught up', 6, 7])
    })

    it('has caught up at once on an empty log, and at the tail', async () => {
      const empty = fold(log, 0)
      await eventually('the follower has caught up', () => empty.seen.length > 0)
      await fill(1, 2)
      const atTail = fold(log, 2)
      await eventually('the second has caught up', () => atTail.seen.length > 0 && empty.seen.includes(2))
      expect([empty.seen, atTail.seen]).to.deep.equal([['caught up', 1, 2], ['caught up']])
    })

    it('K2 a follower that is overtaken by trim sees a jump', async () => {
      await fill(1, 6)
      await log.trim(4)
      const { seen } = fold(log, 2)
      await fill(7, 7)
      await eventually('the last entry is told', () => seen.includes(7))
      expect(seen.filter((item) => item !== 'caught up')).to.deep.equal([5, 6, 7])
    })

    it('tells a follower every entry once, over a restart of the broker', async () => {
      await fill(1, 2)
      const { seen } = fold(log, 0)
      await eventually('the follower has caught up', () => seen.includes('caught up'))
      await world.stopBroker()
      await world.startBroker()
      const other = (await world.open('two')).log(0)
      await other.append(subjects.batch(0), bytes('3'), 2)
      await other.append(subjects.claim(0, 1), bytes('4'), 3)
      await eventually('the later entries are told', () => seen.includes(4))
      expect(seen).to.deep.equal([1, 2, 'caught up', 3, 4])
    })

    it('tells a stopped follower nothing more', async () => {
      const stopped = fold(log, 0)
      const other = fold(log, 0)
      await eventually('both have caught up', () => stopped.seen.length === 1 && other.seen.length === 1)
      stopped.stop()
      stopped.stop()
      await fill(1, 1)
      await eventually('the other is told', () => other.seen.includes(1))
      expect(stopped.seen).to.deep.equal(['caught up'])
    })

    it('goes on after a follower has thrown, and reports it', async () => {
      const reported: unknown[] = []
      links.control.onNews((news) => news.kind === 'callbackFailed' && reported.push(news.error))
      const failure = new Error('a bug of the follower')
      const seen: number[] = []
      log.follow(0, {
        onEntry: ({ sequence }) => {
          seen.push(sequence)
          if (sequence === 1) throw failure
        },
        onCaughtUp: () => {
          throw failure
        },
      })
      await eventually('the first throw is reported', () => reported.length === 1)
      await fill(1, 2)
      await eventually('the second entry is told', () => seen.length === 2)
      expect([seen, reported]).to.deep.equal([
        [1, 2],
        [failure, failure],
      ])
    })
  })
}
