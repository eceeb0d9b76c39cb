import { shardRanks } from '@covey/machines'
import { expect } from 'chai'
import fc from 'fast-check'

const seed = 20_261_122
const clusters = fc.record({
  managers: fc.uniqueArray(fc.stringMatching(/^[a-z0-9-]{1,12}$/), { minLength: 1, maxLength: 12 }),
  shards: fc.integer({ min: 1, max: 64 }),
})
const counts = (firsts: readonly (string | undefined)[]): Map<string | undefined, number> => {
  const led = new Map<string | undefined, number>()
  for (const first of firsts) led.set(first, (led.get(first) ?? 0) + 1)
  return led
}

describe('ranks of managers for shards', () => {
  it(`K50 rank all managers for each shard, whoever computes it and in whatever order it knows them (seed ${seed})`, () => {
    fc.assert(
      fc.property(clusters, ({ managers, shards }) => {
        const ranks = shardRanks(managers, shards)
        expect(shardRanks(managers.toReversed(), shards)).to.deep.equal(ranks)
        for (const order of ranks) expect(order.toSorted()).to.deep.equal(managers.toSorted())
      }),
      { seed, numRuns: 200 },
    )
  })

  it(`K50 give no manager more shards than its even share (seed ${seed})`, () => {
    fc.assert(
      fc.property(clusters, ({ managers, shards }) => {
        const led = counts(shardRanks(managers, shards).map(([first]) => first))
        expect(Math.max(...led.values())).to.be.at.most(Math.ceil(shards / managers.length))
      }),
      { seed, numRuns: 200 },
    )
  })

  it('K50 spread the 21 shards of a manager that is gone over all that are left, and move few others', () => {
    const managers = ['m1', 'm2', 'm3', 'm4']
    const firsts = (of: readonly string[]) => shardRanks(of, 64).map(([first]) => first)
    const [before, after] = [firsts(managers), firsts(managers.slice(1))]
    const orphans = after.filter((_, shard) => before[shard] === 'm1')
    expect(orphans).to.have.length(16)
    for (const heir of ['m2', 'm3', 'm4']) expect(counts(orphans).get(heir)).to.be.at.least(3)
    const moved = after.filter((first, shard) => before[shard] !== 'm1' && before[shard] !== first)
    expect(moved.length).to.be.at.most(16)
  })
})
