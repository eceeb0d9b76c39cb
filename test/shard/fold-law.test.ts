import { expect } from 'chai'
import fc from 'fast-check'
import { FoldedLog, work } from './folded-log.js'
import { randomMove } from './random-moves.js'

describe('law of the fold', () => {
  it('gives the same state from the same log, and every path is one of the chart (invariant 9)', () => {
    const event = fc.integer({ min: 0, max: 9 })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (moves) => {
        const random = new FoldedLog()
        random.submit('job', [work('a'), work('b', ['a'])])
        let token = '1.1.1.0'
        for (const move of moves) token = randomMove(random, move, token)
        const again = random.again()
        expect(again.transitions).to.have.length(random.transitions.length)
        expect(summary(again)).to.deep.equal(summary(random))
      }),
      { numRuns: 200, seed: 20_261_121 },
    )
  })
})

const summary = (log: FoldedLog) => ({
  workflows: [...log.state.workflows].map(([id, { snapshot, due }]) => [
    id,
    snapshot.value,
    snapshot.context,
    due,
  ]),
  jobs: [...log.state.jobs].map(([id, { snapshot }]) => [id, snapshot.value, snapshot.context]),
  attempts: [...log.state.attempts].map(([key, held]) => [key, [...held].map(({ id }) => id)]),
  timeMs: log.state.timeMs,
})
