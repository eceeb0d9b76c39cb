import { type ClusterLook, MembershipModel, type MembershipOptions, type Reduction } from '@covey/checker'
import { expect } from 'chai'
import { allStates, type Found } from './all-states.js'
import { departedRevives, equalIsNewer, soundCluster, withoutQuorum } from './planted-bugs.js'
import { namelessOf, visibleOf } from './visible-cluster.js'

type Visible = (look: ClusterLook) => string

/** All that is found of a cluster of two nodes, or of as many as the options say. */
function found(options: Partial<MembershipOptions>, visible: Visible): Found {
  const model = new MembershipModel({ ...soundCluster, nodes: 2, ...options })
  return allStates(model, (state) => visible(model.look(state)))
}

/** What is found without any reduction: found once, for it is the most. */
const wholes = new Map<Partial<MembershipOptions>, Found>()
const all: readonly Reduction[] = ['names', 'mute facts', 'passing tasks', 'late proposals']
function wholeOf(options: Partial<MembershipOptions>): Found {
  const known = wholes.get(options) ?? found({ ...options, without: all }, visibleOf)
  wholes.set(options, known)
  return known
}

/** That it is all the same: chai would look for the difference in millions of letters. */
function expectSame(one: Found, other: Found): void {
  expect(one.rules).to.deep.equal(other.rules)
  expect(one.visible.join() === other.visible.join(), 'the same is visible').to.equal(true)
  expect(one.steps.size).to.equal(other.steps.size)
  expect(
    [...one.steps].every((step) => other.steps.has(step)),
    'by the same steps',
  ).to.equal(true)
}

const worlds: readonly Partial<MembershipOptions>[] = [
  { budgets: { crashes: 1, restarts: 1 } },
  { budgets: { silences: 1, crashes: 1 } },
  { budgets: { sleeps: 1, repeats: 1 } },
  { budgets: { leaves: 1 } },
  { budgets: { crashes: 1 }, nodes: 3 },
]

const planted: readonly [what: string, rule: string, options: Partial<MembershipOptions>][] = [
  ['needs no quorum to depart a node', 'invariant 16', { ...withoutQuorum, budgets: { silences: 1 } }],
  ['takes an equal generation for a newer one', 'invariant 14', { ...equalIsNewer, budgets: { repeats: 1 } }],
  ['revives what has departed', 'invariant 14', { ...departedRevives, budgets: { silences: 1 } }],
]

describe('what the checker leaves out', () => {
  for (const reduction of all.filter((each) => each !== 'names'))
    it(`is invisible: with nothing but "${reduction}" states, steps and verdicts are those of the whole`, () => {
      const saved = worlds.map((options) => {
        const whole = wholeOf(options)
        const reduced = found({ ...options, without: all.filter((each) => each !== reduction) }, visibleOf)
        expectSame(reduced, whole)
        return whole.count - reduced.count
      })
      expect(Math.max(...saved)).to.be.above(100)
    })

  it('is invisible: with all of it states, steps and verdicts are those of the whole, save for names', () => {
    for (const options of worlds) {
      const whole = found({ ...options, without: all }, namelessOf)
      const reduced = found(options, namelessOf)
      expectSame(reduced, whole)
      expect(whole.count / reduced.count).to.be.above(1.5)
    }
  })

  for (const [what, rule, options] of planted)
    it(`hides no fault: the same rules are broken with and without all of it, where a node ${what}`, () => {
      const whole = found({ ...options, without: all }, namelessOf)
      expect(whole.rules.join()).to.include(rule)
      expectSame(found(options, namelessOf), whole)
    })
})
