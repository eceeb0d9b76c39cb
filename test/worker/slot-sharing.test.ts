import { expect } from 'chai'
import fc from 'fast-check'
import { actionKinds, SharedSlots } from './shared-slots.js'

const seed = 20_261_122
const histories = fc.array(
  fc.record({
    kind: fc.constantFrom(...actionKinds),
    shard: fc.nat({ max: 7 }),
    pick: fc.nat({ max: 1_000 }),
  }),
  { maxLength: 80, size: 'max' },
)
const sizes = fc.record({ shards: fc.integer({ min: 2, max: 8 }), slots: fc.integer({ min: 1, max: 6 }) })

/** What leaders and the worker do by themselves until nothing moves any more: renewals, and dispatches of what is wanted. */
function settle(shared: SharedSlots): void {
  for (let round = 0; round < 4; round += 1) {
    for (const { shard } of shared.books) {
      shared.renew(shard)
      for (let begins = true; begins; ) begins = shared.dispatch(shard)
      shared.check()
    }
  }
}

describe('slots that shards share', () => {
  it(`K10e: of all shards together never more are held or given out than there are (seed ${seed})`, () => {
    fc.assert(
      fc.property(sizes, histories, ({ shards, slots }, history) => {
        const shared = new SharedSlots(shards, slots)
        for (const action of history) {
          shared.act(action)
          shared.check()
        }
      }),
      { seed, numRuns: 150 },
    )
  })

  it('K10e: the only shard that wants any has all of them, though they lie with 63 idle ones', () => {
    const shared = new SharedSlots(64, 4)
    shared.want(63, 100)
    settle(shared)
    expect(shared.begun.map(({ shard }) => shard)).to.deep.equal([63, 63, 63, 63])
  })

  it('K10e: a shard that comes late has its share as attempts end, and no attempt is stopped for it', () => {
    const shared = new SharedSlots(2, 4)
    shared.want(0, 1_000)
    settle(shared)
    shared.want(1, 1_000)
    settle(shared)
    expect(shared.begun.filter(({ shard }) => shard === 1)).to.have.length(0)
    shared.finishAll()
    settle(shared)
    const [, , , , ...later] = shared.begun.map(({ shard }) => shard)
    expect(later.toSorted()).to.deep.equal([0, 0, 1, 1])
  })

  it('K10e: a renewal whose grant is lost costs no credit: the next one brings back what was asked back', () => {
    const shared = new SharedSlots(2, 4)
    shared.want(1, 4)
    for (let lost = 0; lost < 5; lost += 1) shared.act({ kind: 'lose', shard: 0, pick: 0 })
    settle(shared)
    expect(shared.begun).to.have.length(4)
  })

  it(`K10e: nobody starves, whatever the sizes of attempts, where every shard always wants more (seed ${seed})`, () => {
    const units = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 6 })
    fc.assert(
      fc.property(units, fc.integer({ min: 3, max: 5 }), fc.nat({ max: 999 }), (ofShards, slots, pick) => {
        const shared = new SharedSlots(ofShards.length, slots)
        const rounds = ofShards.length * 6
        for (let round = 0; round < rounds; round += 1) {
          for (const [shard, unit] of ofShards.entries()) shared.want(shard, 1_000, unit)
          settle(shared)
          // One that runs ends, whichever it is: those that take few slots make no way for those that take many.
          shared.act({ kind: 'finish', shard: 0, pick: pick + round })
          shared.act({ kind: 'logged', shard: 0, pick: 0 })
        }
        const begun = new Set(shared.begun.map(({ shard }) => shard))
        expect([...begun].toSorted()).to.deep.equal([...ofShards.keys()])
      }),
      { seed, numRuns: 40 },
    )
  })
})
