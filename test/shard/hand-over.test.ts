import { foldVersion, limits, singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import { type HandOverGround, mayHandOver } from '../../actors/shard/hand-over.js'
import { StatedMembers } from './stated-members.js'

const { reconcileIntervalMs } = singleServerTimings
const lastedMs = limits.handOverLooks * reconcileIntervalMs

describe('a leader that is asked for its shard', () => {
  const members = new StatedMembers()
  members.join('m2', 'manager', 3)
  const wish = { manager: 'm2', generation: 3, epoch: 7, sequence: 5_000, foldVersion }
  const state = { epoch: 7, sequence: 5_000 }
  const ground: HandOverGround = { state, members, termMs: lastedMs, timings: { reconcileIntervalMs } }

  it('K50 hands it over to who takes part, has folded its log and speaks of this term, which has lasted', () => {
    expect(mayHandOver(wish, ground)).to.equal(true)
  })

  for (const [what, changes, about] of [
    ['lags behind the log', { sequence: 5_000 - limits.handOverLagMax - 1 }, {}],
    ['speaks of another term', { epoch: 6 }, {}],
    ['has another version of the fold', { foldVersion: foldVersion + 1 }, {}],
    ['is of a generation that is not there', { generation: 2 }, {}],
    ['is nobody', { manager: 'm9' }, {}],
    ['asks for a term that has just begun', {}, { termMs: lastedMs - 1 }],
  ] as const) {
    it(`K50 does not hand it over to who ${what}`, () => {
      expect(mayHandOver({ ...wish, ...changes }, { ...ground, ...about })).to.equal(false)
    })
  }
})
