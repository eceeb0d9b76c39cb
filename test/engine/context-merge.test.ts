import { expect } from 'chai'
import fc from 'fast-check'
import {
  compileMerge,
  contextMerge,
  mergedFieldsMax,
  mergedShapesMax,
  spreadsBeforeMerge,
} from '../../packages/engine/src/context-merge.js'

type Fields = Record<string, unknown>

const names = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'c',
    '0',
    '7',
    'a b',
    '"',
    '\\',
    '\u2028',
    '`',
    'constructor',
    'toString',
    'context',
  ),
  fc.string({ maxLength: 4 }),
)
const fields = fc.dictionary(
  names.filter((name) => name !== '__proto__'),
  fc.anything(),
  {
    maxKeys: 8,
    noNullPrototype: true,
  },
)

/** A merge that has code for such objects, and counts what it compiles. */
function warm(...pairs: readonly (readonly [Fields, Fields])[]) {
  const compiled: string[][] = []
  const merge = contextMerge((context, update) => {
    compiled.push([...context, ...update])
    return compileMerge(context, update)
  })
  for (let round = 0; round <= spreadsBeforeMerge; round += 1)
    for (const [context, update] of pairs) merge(context, update)
  return { merge, compiled }
}

/** The same fields in the same order with the same values, in a plain object of its own. */
function expectSpread(merged: Fields, context: Fields, update: Fields): void {
  const wanted: Fields = { ...context, ...update }
  expect(Object.getOwnPropertyDescriptors(merged)).to.deep.equal(Object.getOwnPropertyDescriptors(wanted))
  expect(Object.keys(merged)).to.deep.equal(Object.keys(wanted))
  for (const key of Object.keys(wanted)) expect(Object.is(merged[key], wanted[key])).to.equal(true)
  expect(Object.getPrototypeOf(merged)).to.equal(Object.prototype)
  expect(merged).not.to.equal(context)
}

describe('context merge', () => {
  it('is what a spread is, before there is code for it and after', () => {
    fc.assert(
      fc.property(fields, fields, fields, (context, update, other) => {
        const { merge, compiled } = warm([context, update])
        expect(compiled).to.have.length(1)
        expectSpread(merge(context, update), context, update)
        expectSpread(merge(context, other), context, other)
        expectSpread(merge(other, update), other, update)
      }),
      { numRuns: 300 },
    )
  })

  it('compiles nothing for a chart that takes few steps', () => {
    const { merge, compiled } = warm()
    for (let step = 0; step < spreadsBeforeMerge; step += 1) merge({ a: 1 }, { b: step })
    expect(compiled).to.deep.equal([])
  })

  it('has code for a few kinds of fields, and spreads the others', () => {
    const kinds = Array.from({ length: 10 }, (_, kind): [Fields, Fields] => [{ [`c${kind}`]: 1 }, { u: 2 }])
    const { merge, compiled } = warm(...kinds)
    expect(compiled).to.have.length(mergedShapesMax)
    for (const [context, update] of kinds) expectSpread(merge(context, update), context, update)
  })

  it('spreads more fields than it has code for', () => {
    const many = Object.fromEntries(Array.from({ length: mergedFieldsMax }, (_, at) => [`f${at}`, at]))
    const { merge, compiled } = warm([many, { more: 1 }])
    expect(compiled).to.deep.equal([])
    expectSpread(merge(many, { more: 1 }), many, { more: 1 })
  })

  it('spreads objects that are not plain, also those that look like one it has code for', () => {
    const { merge } = warm([{ a: 1 }, { b: 2 }])
    const heir: Fields = Object.create({ b: 'inherited' })
    expectSpread(merge({ a: 1 }, heir), { a: 1 }, heir)
    const base: Fields = Object.create({ a: 'inherited' })
    expectSpread(merge(base, { b: 2 }), base, { b: 2 })
    class Point {
      a = 3
    }
    const point = new Point() as unknown as Fields
    expectSpread(merge(point, { b: 2 }), point, { b: 2 })
    expectSpread(warm([point, { b: 2 }]).merge(point, { b: 2 }), point, { b: 2 })
  })

  it('spreads a field by the name of the prototype', () => {
    const odd: Fields = Object.fromEntries([['__proto__', { b: 1 }]])
    const { merge, compiled } = warm([odd, { b: 2 }], [{ b: 2 }, odd])
    expect(compiled).to.deep.equal([])
    expectSpread(merge(odd, { b: 2 }), odd, { b: 2 })
    expectSpread(merge({ b: 2 }, odd), { b: 2 }, odd)
  })

  it('takes an assign that answers nothing for one that changes nothing', () => {
    const nothing = undefined as unknown as Fields
    const { merge, compiled } = warm([{ a: 1 }, nothing])
    expect(compiled).to.deep.equal([['a']])
    for (const update of [nothing, null as unknown as Fields, {}])
      expectSpread(merge({ a: 1 }, update), { a: 1 }, {})
  })

  it('reads a field that is computed once', () => {
    let reads = 0
    const update = {
      get b() {
        reads += 1
        return reads
      },
    }
    const { merge } = warm([{ a: 1 }, { b: 2 }])
    expect(merge({ a: 1 }, update)).to.deep.equal({ a: 1, b: 1 })
  })

  it('spreads where code from strings is forbidden', () => {
    const { Function: allowed } = globalThis
    class Forbidden {
      constructor() {
        throw new EvalError('Code generation from strings disallowed for this context')
      }
    }
    globalThis.Function = Forbidden as unknown as FunctionConstructor
    try {
      const merge = compileMerge(['a'], ['b'])
      expectSpread(merge({ a: 1 }, { b: 2 }), { a: 1 }, { b: 2 })
    } finally {
      globalThis.Function = allowed
    }
  })
})
