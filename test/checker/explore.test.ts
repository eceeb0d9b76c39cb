import { explore } from '@covey/checker'
import { expect } from 'chai'
import { toyModel } from './toy-model.js'

const upTo = (most: number) => (count: number) => (count < most ? [count + 1] : [])

describe('the exhaustive checker', () => {
  it('looks at every state once, however many ways lead to it', () => {
    const { states, transitions, depth, complete, fault } = explore(
      toyModel({ next: (count) => (count < 100 ? [count + 1, count + 2].filter((to) => to <= 100) : []) }),
    )
    expect({ states, transitions, depth, complete, fault }).to.deep.equal({
      ...{ states: 101, transitions: 199, depth: 50, complete: true, fault: undefined },
    })
  })

  it('keeps more states than one page and one table of its store hold', () => {
    const { states, complete, bytesPerState } = explore(toyModel({ bits: 20, next: upTo(200_000) }))
    expect([states, complete]).to.deep.equal([200_001, true])
    expect(bytesPerState).to.be.below(40)
  })

  it('tells the shortest way to a state that breaks a rule', () => {
    const { complete, fault } = explore(
      toyModel({
        next: (count) => (count < 20 ? [count + 1, count + 5] : []),
        violation: (count) => (count === 11 ? 'never eleven' : undefined),
      }),
    )
    expect(complete).to.equal(false)
    expect(fault?.rule).to.equal('never eleven')
    expect(fault?.story.filter((line) => /^ *\d/.test(line))).to.have.length(3)
    expect(fault?.story.at(-1)).to.equal('        count is 11')
  })

  it('tells a step that breaks a rule, though the state it leads to may be', () => {
    const { fault } = explore(
      toyModel({
        next: (count) => (count < 9 ? [count + 1] : [0]),
        forbidden: (from, to) => (to < from ? 'never back' : undefined),
      }),
    )
    expect(fault?.rule).to.equal('never back')
    expect(fault?.story.slice(-2)).to.deep.equal([' 10 to 0', '        count is 0'])
  })

  it('finds a state in which nothing can happen and which may not stay', () => {
    const { fault } = explore(toyModel({ next: upTo(7), isQuiet: (count) => count === 3 }))
    expect(fault?.rule).to.equal('nothing can happen any more, and this may not stay')
    expect(fault?.story.at(-1)).to.equal('        count is 7')
  })

  it('finds a circle from which no way leads to where all may stay', () => {
    const next = (count: number): number[] => {
      if (count === 3) return [10, 4]
      return count < 10 ? [count + 1].filter((to) => to < 6) : [count === 12 ? 10 : count + 1]
    }
    const { fault } = explore(toyModel({ next, isQuiet: (count) => count === 5 }))
    expect(fault?.rule).to.equal('from here no way leads to where all may stay')
    expect(fault?.story.at(-1)).to.equal('        count is 10')
  })

  it('takes states that differ by names for one, and tells the story by the names it began with', () => {
    const toy = {
      next: (count: number) => [count + 1, count + 3].filter((to) => to < 30),
      normalise: (state: Int32Array) => {
        state[0] = (state[0] ?? 0) % 10
      },
    }
    expect(explore(toyModel(toy)).states).to.equal(10)
    const { fault } = explore(
      toyModel({ ...toy, violation: (count) => (count === 9 ? 'never nine' : undefined) }),
    )
    expect(fault?.story.at(-1)).to.equal('        count is 9')
  })

  it('says that it is not complete where there are more states than it may look at', () => {
    const { complete, fault, states } = explore(toyModel({ next: upTo(200) }), 50)
    expect([complete, fault, states]).to.deep.equal([false, undefined, 51])
  })

  it('refuses a number that its field cannot hold', () => {
    expect(() => explore(toyModel({ bits: 3, next: upTo(8) }))).to.throw(
      'count is 8, which 3 bits cannot hold',
    )
  })
})
