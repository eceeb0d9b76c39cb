import { expect } from 'chai'
import fc from 'fast-check'
import { AgedMap } from '../../actors/shard/aged-map.js'

const moves = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ key: fc.integer({ min: 0, max: 40 }), value: fc.nat() }) },
    { weight: 2, arbitrary: fc.constant('shift' as const) },
  ),
  { maxLength: 1_000, size: 'max' },
)

function shiftOf(model: Map<number, number>): number | undefined {
  const [oldest] = model
  if (oldest !== undefined) model.delete(oldest[0])
  return oldest?.[1]
}

describe('A map of which the oldest goes first', () => {
  it('does as a Map whose first key is deleted, also where its head is cut off', () => {
    fc.assert(
      fc.property(moves, (sequence) => {
        const aged = new AgedMap<number, number>()
        const model = new Map<number, number>()
        for (const move of sequence) {
          if (move === 'shift') expect(aged.shift()).to.equal(shiftOf(model))
          else for (const map of [aged, model]) map.set(move.key, move.value)
          expect(aged.oldest).to.equal([...model.keys()][0])
        }
        expect([aged.size, ...aged]).to.deep.equal([model.size, ...model])
        expect([...aged.keys()]).to.deep.equal([...model.keys()])
        const keys = Array.from({ length: 41 }, (_, key) => key)
        expect(keys.map((key) => [aged.has(key), aged.get(key)])).to.deep.equal(
          keys.map((key) => [model.has(key), model.get(key)]),
        )
      }),
      { numRuns: 30 },
    )
  })

  it('keeps its order through thousands that come and go', () => {
    const aged = new AgedMap<number, number>()
    for (let key = 0; key < 5_000; key += 1) {
      aged.set(key, -key)
      if (key >= 10) expect(aged.shift()).to.equal(10 - key)
    }
    expect([...aged.keys()]).to.deep.equal(Array.from({ length: 10 }, (_, index) => 4_990 + index))
  })
})
