import { packValue } from '@covey/protocol'
import { expect } from 'chai'
import fc from 'fast-check'
import { canonical } from '../../packages/covey/src/job/canonical.js'

type Fields = Record<string, unknown>
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The same content, written the other way round at every depth. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (!isFields(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, part]) => [key, reversed(part)])
      .toReversed(),
  )
}

const jsonValue = fc.jsonValue({ maxDepth: 4 })

describe('The canonical form of an input', () => {
  it('packs equal contents to equal bytes, however they were written', () => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        const [one, other] = [packValue(canonical(value)), packValue(canonical(reversed(value)))]
        expect(Buffer.compare(one, other)).to.equal(0)
      }),
    )
  })

  it('is the same content', () => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        expect(canonical(value)).to.deep.equal(value)
      }),
    )
  })

  it('is the value itself where its keys are in order at every depth, and a copy where they are not', () => {
    const ordered = { a: 1, b: [{ c: 2, d: new Date(0) }] }
    expect(canonical(ordered)).to.equal(ordered)
    const nested = { a: 1, b: [{ d: 3, c: 2 }] }
    expect(canonical(nested)).to.not.equal(nested)
    expect(nested).to.deep.equal({ a: 1, b: [{ d: 3, c: 2 }] })
  })

  it('is a plain object also where the value has no prototype', () => {
    const bare: Fields = Object.assign(Object.create(null), { a: 1 })
    expect(Object.getPrototypeOf(canonical(bare))).to.equal(Object.prototype)
  })
})
