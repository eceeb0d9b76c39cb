import { ChurnMap } from '@covey/engine'
import { expect } from 'chai'
import fc from 'fast-check'

const steps = fc.array(
  fc.record({ key: fc.integer({ min: 0, max: 9 }), value: fc.nat(), puts: fc.boolean() }),
  { maxLength: 200 },
)

describe('churn map', () => {
  it('answers as a map does, whatever comes and goes', () => {
    fc.assert(
      fc.property(steps, (walk) => {
        const [churn, map] = [new ChurnMap<number, number>(), new Map<number, number>()]
        for (const { key, value, puts } of walk) {
          if (puts) {
            churn.set(key, value)
            map.set(key, value)
          } else expect(churn.delete(key)).to.equal(map.delete(key))
          expect(churn.get(key)).to.equal(map.get(key))
          expect(churn.has(key)).to.equal(map.has(key))
          expect([...churn.entries()]).to.deep.equal([...map])
          expect([...churn.keys()]).to.deep.equal([...map.keys()])
          expect([...churn.values()]).to.deep.equal([...map.values()])
          expect(churn.size).to.equal(map.size)
        }
      }),
    )
  })
})
