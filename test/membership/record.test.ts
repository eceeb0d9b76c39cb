import { digestPlace, isNews, mergeRecords, ViewDigest } from '@covey/machines'
import { limits, type MemberRecord, recordEnds, recordPhases } from '@covey/protocol'
import { expect } from 'chai'
import fc from 'fast-check'

const records = fc.record({
  node: fc.constant('x'),
  generation: fc.integer({ min: 1, max: 3 }),
  phase: fc.constantFrom(...recordPhases),
  incarnation: fc.nat(3),
  dep: fc.constantFrom(...recordEnds),
})
const named = records.chain((record) =>
  fc.constantFrom('a', 'b', 'c', 'd').map((node) => ({ ...record, node })),
)
const equal = (one: unknown, other: unknown): void => {
  expect(one).to.deep.equal(other)
}

describe('the record of a member', () => {
  it('invariant 13 the order in which records are merged does not matter', () => {
    fc.assert(
      fc.property(records, records, (one, other) =>
        equal(mergeRecords(one, other), mergeRecords(other, one)),
      ),
    )
  })

  it('invariant 13 nor how they are grouped', () => {
    fc.assert(
      fc.property(records, records, records, (one, other, third) =>
        equal(mergeRecords(mergeRecords(one, other), third), mergeRecords(one, mergeRecords(other, third))),
      ),
    )
  })

  it('invariant 13 nor how often they are heard', () => {
    fc.assert(
      fc.property(records, records, (one, other) => {
        const merged = mergeRecords(one, other)
        equal(mergeRecords(one, one), one)
        equal(mergeRecords(merged, other), merged)
        expect(isNews(one, merged) || isNews(other, merged)).to.equal(false)
      }),
    )
  })

  it('invariant 13 14 a generation never decreases, and an end never goes', () => {
    fc.assert(
      fc.property(records, records, (one, other) => {
        const { generation, dep } = mergeRecords(one, other)
        expect(generation).to.equal(Math.max(one.generation, other.generation))
        if (one.generation === generation && one.dep !== 'none') expect(dep).not.to.equal('none')
      }),
    )
  })

  it('is news only where it says more', () => {
    const record: MemberRecord = { node: 'x', generation: 2, phase: 'active', incarnation: 1, dep: 'none' }
    expect(isNews(record, record)).to.equal(false)
    expect(isNews({ ...record, phase: 'leaving' }, record)).to.equal(true)
    expect(isNews({ ...record, phase: 'joining' }, record)).to.equal(false)
    expect(isNews({ ...record, dep: 'crashed' }, record)).to.equal(true)
    expect(isNews({ ...record, generation: 1, dep: 'crashed', phase: 'leaving' }, record)).to.equal(false)
  })
})

describe('the digest of a view', () => {
  const digestOf = (all: readonly MemberRecord[]) => {
    const digest = new ViewDigest()
    for (const record of all) digest.note(record.node, record)
    return digest
  }

  it('is the same for the same view, however it came about', () => {
    fc.assert(
      fc.property(fc.array(named), (heard) => {
        const last = new Map(heard.map((record) => [record.node, record]))
        const reversed = digestOf([...last.values()].toReversed())
        expect(digestOf(heard).differing(reversed.sums)).to.deep.equal([])
      }),
    )
  })

  it('tells where two views differ, and forgets who takes no part', () => {
    const record: MemberRecord = { node: 'x', generation: 2, phase: 'active', incarnation: 1, dep: 'none' }
    const empty = new ViewDigest()
    const digest = digestOf([record, { ...record, node: 'y' }])
    expect(
      digest.differing(
        digestOf([
          { ...record, incarnation: 2 },
          { ...record, node: 'y' },
        ]).sums,
      ),
    ).to.deep.equal([digestPlace('x')])
    const other = digestOf([{ ...record, node: 'y' }, record])
    expect(other.sum).to.equal(digest.sum)
    other.note('x', { ...record, incarnation: 2 })
    expect(other.sum).not.to.equal(digest.sum)
    digest.note('x', undefined)
    digest.note('y', undefined)
    digest.note('never', undefined)
    expect(digest.sums).to.deep.equal(empty.sums)
    expect(digest.sum).to.equal(empty.sum)
    expect(digest.sums).to.have.lengthOf(limits.digestSums)
  })
})
