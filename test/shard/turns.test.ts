import { HeapClock } from '@covey/engine'
import { expect } from 'chai'
import { type EndTurn, Turns } from '../../actors/shard/turns.js'

describe('turns of the shards of a manager', () => {
  const made = () => {
    const clock = new HeapClock()
    const turns = new Turns(clock, 2, 1_000)
    const begun: number[] = []
    const ends = new Map<number, EndTurn>()
    for (let shard = 0; shard < 5; shard += 1)
      turns.take((end) => {
        begun.push(shard)
        ends.set(shard, end)
      })
    return { clock, turns, begun, end: (shard: number) => ends.get(shard)?.() }
  }

  it('K50 begin so many at once, the others as turns end, first in, first out', () => {
    const { clock, begun, end } = made()
    expect(begun).to.deep.equal([0, 1])
    end(1)
    end(1)
    expect(begun, 'a turn ends once').to.deep.equal([0, 1, 2])
    end(0)
    end(2)
    end(3)
    end(4)
    expect(begun).to.deep.equal([0, 1, 2, 3, 4])
    expect(clock.size, 'timers').to.equal(0)
  })

  it('K50 are not waited for for ever: what hangs keeps no other from going on', () => {
    const { clock, begun } = made()
    clock.runUntil(1_000)
    expect(begun).to.deep.equal([0, 1, 2, 3])
  })

  it('begin no more once they are stopped, and leave no timer', () => {
    const { clock, turns, begun, end } = made()
    turns.stop()
    end(0)
    clock.runUntil(5_000)
    turns.take(() => begun.push(5))
    expect(begun).to.deep.equal([0, 1])
    expect(clock.size, 'timers').to.equal(0)
  })
})
