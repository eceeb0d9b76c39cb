import { packGiven, packValue } from '@covey/protocol'
import { expect } from 'chai'
import fc from 'fast-check'

const views = [
  ...[new Int8Array(1), new Int16Array(1), new Uint16Array(1), new Int32Array(1), new Uint32Array(1)],
  ...[new Float32Array(1), new Float64Array(1), new BigInt64Array(1), new BigUint64Array(1)],
  new DataView(new ArrayBuffer(2)),
]

describe('a value that a user gives', () => {
  it('is packed like any other where it is plain data', () => {
    const value = fc.anything({ withDate: true, withMap: true, withBigInt: false, withNullPrototype: true })
    const property = fc.property(value, (given) => {
      expect(packGiven(given)).to.deep.equal(packValue(given))
    })
    fc.assert(property, { numRuns: 200 })
    for (const bytes of [
      Buffer.from('ab'),
      new Uint8Array([1]),
      new Uint8ClampedArray([2]),
      new ArrayBuffer(1),
    ])
      expect(packGiven({ bytes })).to.deep.equal(packValue({ bytes }))
    class Means {
      readonly means = new Float32Array(1)
      toJSON = () => [...this.means]
    }
    expect(packGiven(new Means())).to.deep.equal(packValue([0]))
  })

  for (const view of views) {
    const { name } = view.constructor
    it(`is refused where it holds a ${name}, which would arrive as other bytes`, () => {
      expect(() => packGiven(view)).to.throw(TypeError, `a ${name} is no plain data`)
      const deep = { rows: [new Map([['mean', new Set([view])]])] }
      expect(() => packGiven(deep)).to.throw(TypeError, `a ${name} at rows.0.mean.`)
    })
  }

  it('is refused, and hangs nobody, where it goes round in a circle', () => {
    const circle: unknown[] = []
    circle.push({ circle })
    expect(() => packGiven(circle)).to.throw(RangeError)
  })
})
