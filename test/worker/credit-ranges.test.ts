import { addCredit, countCredits, deleteCredit, listCredits } from '@covey/machines'
import { expect } from 'chai'
import fc from 'fast-check'

const steps = fc.array(fc.record({ credit: fc.integer({ min: 1, max: 40 }), puts: fc.boolean() }), {
  maxLength: 200,
})

describe('credit ranges', () => {
  it('K10 hold what a set holds, whatever is put in and taken out', () => {
    fc.assert(
      fc.property(steps, (walk) => {
        const [ranges, set] = [[] as number[], new Set<number>()]
        for (const { credit, puts } of walk) {
          if (!puts) expect(deleteCredit(ranges, credit), `${credit} taken out`).to.equal(set.delete(credit))
          else if (!set.has(credit)) {
            set.add(credit)
            addCredit(ranges, credit)
          }
          expect(listCredits(ranges)).to.deep.equal([...set].sort((one, other) => one - other))
          expect(countCredits(ranges)).to.equal(set.size)
        }
      }),
    )
  })

  it('are one pair of numbers for credits without a gap, in whatever order they came', () => {
    const ranges: number[] = []
    for (const credit of [5, 3, 4, 1, 2, 6]) addCredit(ranges, credit)

    expect(ranges).to.deep.equal([1, 7])
  })

  it('take nothing out of an empty book', () => {
    expect(deleteCredit([], 1)).to.equal(false)
  })
})
