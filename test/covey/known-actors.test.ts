import type { Transition } from '@covey/protocol'
import { expect } from 'chai'
import { KnownActors } from '../../packages/covey/src/transitions/known-actors.js'

const on = (node: string, actor: string, to = 'x'): Transition => ({
  ...{ node, generation: 1, kind: 'peer', actor, from: '', event: '', to, elapsedMs: 0 },
  at: { local: 1 },
})
const folded = (kind: string, actor: string, sequence: number, to = 'x'): Transition => ({
  ...{ node: 'm1', generation: 1, kind, actor, from: '', event: '', to, elapsedMs: 0 },
  at: { shard: 0, sequence, index: 0 },
})

describe('The actors that a watch remembers', () => {
  let known: KnownActors
  beforeEach(() => {
    known = new KnownActors(3)
    known.learn(on('n1', 'a'))
    known.learn(on('n2', 'a'))
    known.learn(folded('workflow', 'a', 1))
  })
  /** How many more it takes before it refuses one, which it says each time. */
  const room = (): number => {
    for (let count = 0; ; count += 1) {
      try {
        known.learn(on('n3', `more-${count}`))
      } catch (error) {
        expect(error).to.include({ code: 'overloaded', mend: 'narrow the filter by actor, kind or node' })
        expect(error).to.have.property('message', 'more than 3 actors match')
        return count
      }
    }
  }

  it('are as many as the limit, counted by node and by kind; one more is refused, and those go on', () => {
    expect(room()).to.equal(0)
    expect(() => known.learn(folded('job', 'a', 2))).to.throw('more than 3 actors match')
    expect(known.learn(on('n1', 'a', 'y'))).to.equal(true)
    expect(known.learn(folded('workflow', 'a', 2, 'y'))).to.equal(true)
    expect([...known.all()].map(({ to }) => to).toSorted()).to.deep.equal(['x', 'y', 'y'])
  })

  it('give their room back when they end, whatever they are, and not when others do', () => {
    expect(known.learn(on('n1', 'stranger', ''))).to.equal(true)
    expect(known.learn(folded('job', 'stranger', 9, ''))).to.equal(true)
    expect(room()).to.equal(0)
    known.learn(on('n1', 'a', ''))
    known.learn(on('n1', 'a', ''))
    known.learn(folded('workflow', 'a', 2, ''))
    expect(room()).to.equal(2)
  })

  it('give it back with their node, and when all is forgotten', () => {
    known.dropNode('n2')
    known.dropNode('n2')
    expect(room()).to.equal(1)
    known.clear()
    expect(room()).to.equal(3)
  })
})
