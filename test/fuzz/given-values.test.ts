import { runInNewContext } from 'node:vm'
import { limits, packGiven, packValue, UnfitValue, unpackValue } from '@covey/protocol'
import { expect } from 'chai'
import fc from 'fast-check'

class Money {
  readonly cents = 1
}
class Means {
  readonly means = [1]
  toJSON = () => this.means
}
class Words extends Array<string> {}
const circle: { deep: { to?: unknown } } = { deep: {} }
circle.deep.to = circle

/** What a value that is not carried is called. */
const refused: readonly (readonly [what: string, value: unknown, mend: RegExp])[] = [
  ['a function', () => 1, /^leave it out$/],
  ['a symbol', Symbol('a'), /^leave it out$/],
  ['a Map', new Map([['a', 1]]), /Object\.fromEntries/],
  ['a Set', new Set([1]), /\[\.\.\.it\]/],
  ['a TypeError', new TypeError('no'), /its message/],
  ['a RegExp', /a/g, /source/],
  ['a Promise', Promise.resolve(1), /await/],
  ['a WeakMap', new WeakMap(), /its data/],
  ['a Number', Object(1), /its data/],
  ['a Money', new Money(), /\{ \.\.\.it \}/],
  ['a Means', new Means(), /it\.toJSON\(\)/],
  ['a URL', new URL('http://a.example'), /it\.toJSON\(\)/],
  ['a Words', new Words('a', 'b'), /its data/],
  ['an ArrayBuffer', new ArrayBuffer(1), /new Uint8Array/],
  ['a Uint8ClampedArray', new Uint8ClampedArray(1), /new Uint8Array/],
  ['a Float32Array', new Float32Array(1), /Array\.from/],
  ['a BigInt64Array', new BigInt64Array(1), /Array\.from/],
  ['a DataView', new DataView(new ArrayBuffer(2)), /Array\.from/],
  ['a BigInt of more than 64 bits', 2n ** 64n, /as a text/],
  ['a text with half a character', 'a\ud83d', /toWellFormed/],
  ['a text with half a character', `${'x'.repeat(100)}\ude00`, /toWellFormed/],
]

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.string({ unit: fc.integer({ min: 0xd000, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
)
const plain = {
  ...{ key: text, withNullPrototype: true, maxDepth: 4 },
  values: [
    ...[text, fc.double(), fc.integer(), fc.boolean(), fc.constant(null), fc.constant(undefined)],
    ...[fc.bigInt({ max: 2n ** 65n, min: -(2n ** 64n) }), fc.date({ noInvalidDate: false }), fc.uint8Array()],
  ],
}
const odd = {
  withMap: true,
  withSet: true,
  withBoxedValues: true,
  withTypedArray: true,
  withSparseArray: true,
}
const given = fc.oneof(fc.anything(plain), fc.anything({ ...plain, ...odd }))

/** As it is read: without the little that ADR 83 names. */
function asRead(value: unknown): unknown {
  if (Object.is(value, -0)) return 0
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (value instanceof Uint8Array) return Uint8Array.from(value)
  if (Array.isArray(value)) return value.map(asRead)
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, asRead(part)]))
}

describe('a value that a user gives', () => {
  it('is read as what it was wherever it is let in, and packed as any value is', () => {
    let accepted = 0
    const property = fc.property(given, (value) => {
      let packed: Uint8Array
      try {
        packed = packGiven(value)
      } catch (error) {
        expect(error).to.be.instanceOf(UnfitValue)
        return
      }
      accepted += 1
      expect(packed).to.deep.equal(packValue(value))
      expect(unpackValue(packed)).to.deep.equal(value === undefined ? null : asRead(value))
    })
    fc.assert(property, { numRuns: 2_000 })
    expect(accepted, 'else it shows nothing').to.be.greaterThan(500)
  })

  it('is let in as plain data: undefined in its place, any number, dates, 64 bits, bytes, objects of another realm', () => {
    const value = {
      ...{ none: undefined, list: [undefined, null], numbers: [Number.NaN, Infinity, 2 ** 53, 1e-9] },
      ...{ dates: [new Date(0), new Date(-1), new Date(Number.NaN)], bits: [-(2n ** 63n), 2n ** 64n - 1n] },
      ...{ bytes: new Uint8Array([1]), constructor: 'mine', text: 'h\u0000é😀', '': {} },
    }
    expect(unpackValue(packGiven(value))).to.deep.equal(value)
    expect(unpackValue(packGiven(Buffer.from('ab')))).to.deep.equal(new Uint8Array([97, 98]))
    const shared = { a: 1 }
    expect(unpackValue(packGiven([shared, shared]))).to.deep.equal([shared, shared])
    expect(unpackValue(packGiven(runInNewContext('({ a: [1] })')))).to.deep.equal({ a: [1] })
  })

  for (const [what, value, mend] of refused) {
    it(`is refused with its place and what to do where it holds ${what}`, () => {
      expect(() => packGiven(value)).to.throw(UnfitValue, `${what} is no plain data`)
      expect(() => packGiven({ rows: [{}, { 'a b': value }] }))
        .to.throw(UnfitValue, `${what} at rows.1.a b is no plain data`)
        .with.property('mend')
        .that.matches(mend)
    })
  }

  it('is refused where a hole or a name would be lost', () => {
    expect(() => packGiven({ list: Object.assign([1], { 2: 3 }) })).to.throw(UnfitValue, 'a hole at list.1')
    expect(() => packGiven(JSON.parse('{"a":{"__proto__":1}}'))).to.throw(UnfitValue, 'at a.__proto__')
    expect(() => packGiven({ 'a\ud83d': 1 })).to.throw(UnfitValue, 'a name with half a character')
  })

  it('is refused with the place where it comes back to itself, and where it is deeper than anything', () => {
    expect(() => packGiven(circle)).to.throw(
      UnfitValue,
      /^a value within itself at deep\.to is no plain data$/,
    )
    let deep: unknown[] = []
    for (let level = 0; level < limits.valueDepthMax; level += 1) deep = [deep]
    expect(() => packGiven(deep)).to.throw(UnfitValue, `what lies deeper than ${limits.valueDepthMax} levels`)
    const [fits] = deep
    expect(unpackValue(packGiven(fits))).to.deep.equal(fits)
  })
})
