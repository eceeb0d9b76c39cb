import { explore, MembershipModel, type MembershipOptions } from '@covey/checker'
import { expect } from 'chai'
import { departedRevives, equalIsNewer, soundCluster, withoutQuorum } from './planted-bugs.js'

/** Three nodes under so many disturbances, with a machine or a rule of ours in place of the production one. */
const membership = (budgets: MembershipOptions['budgets'], planted: Partial<MembershipOptions> = {}) =>
  explore(new MembershipModel({ ...soundCluster, ...planted, budgets }), 1_000_000)
const stepsOf = (story: readonly string[] = []) => story.filter((line) => /^ *\d/.test(line))

describe('membership of three nodes, every state of it', () => {
  for (const [what, budgets] of [
    ['two nodes that are killed', { crashes: 2 }],
    ['a node that says goodbye and one that is killed', { leaves: 1, crashes: 1 }],
    ['a node that is not heard although it lives', { silences: 1 }],
  ] as const) {
    it(`invariants 10 and 13 to 16 hold, and all agree in the end, around ${what}`, () => {
      const { fault, complete, states } = membership(budgets)
      expect(fault?.story.join('\n')).to.equal(undefined)
      expect(complete).to.equal(true)
      expect(states).to.be.above(800)
    })
  }

  it('invariant 16 is found broken where a departure needs no quorum', () => {
    const { fault } = membership({ silences: 1 }, withoutQuorum)
    expect(fault?.rule).to.include('invariant 16')
    expect(fault?.story.at(-1)).to.match(/decides to depart/)
    expect(stepsOf(fault?.story)).to.have.length(3)
  })

  it('invariant 14 is found broken where an equal generation is taken for a newer one', () => {
    const { fault } = membership({ repeats: 1 }, equalIsNewer)
    expect(fault?.rule).to.include('invariant 14')
    expect(stepsOf(fault?.story)).to.have.length(1)
    expect(fault?.story.join('\n')).to.match(/reads once more joined\.1 of/)
  })

  it('invariant 14 is found broken where a sign of life revives what has departed', () => {
    const { fault } = membership({ silences: 1 }, departedRevives)
    expect(fault?.rule).to.include('invariant 14')
    expect(fault?.story.join('\n')).to.match(/reads departed\.1[\s\S]*hears the sign of life\.1/)
  })
})
