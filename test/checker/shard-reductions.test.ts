import { type Plant, ShardModel, type ShardOptions } from '@covey/checker'
import { expect } from 'chai'
import { allStates } from './all-states.js'
import { soundShard } from './planted-shard-bugs.js'

/** Everything that a story tells of a state, but which manager is which. */
const visibleOf = (model: ShardModel, state: Int32Array): string => {
  const lines = model.tell(state)
  const managers = lines
    .filter((line) => line.startsWith('manager'))
    .map((line) => line.slice('manager 1'.length))
  return [...lines.filter((line) => !line.startsWith('manager')), ...managers.sort()].join('\n')
}

function found(options: Partial<ShardOptions>, without: ShardOptions['without'] = []) {
  const model = new ShardModel({ ...soundShard, tokensMax: 0, epochsMax: 2, ...options, without })
  return allStates(model, (state) => visibleOf(model, state))
}

describe('what the checker leaves out of a shard', () => {
  for (const [what, options] of [
    ['as it is', {}],
    [
      'whose leaders act before the acknowledgement',
      { plants: ['acts before the acknowledgement' as Plant] },
    ],
  ] as const)
    it(`is invisible: managers that differ by names are one, in a shard ${what}`, () => {
      const whole = found(options, ['names'])
      const reduced = found(options)
      expect(reduced.rules).to.deep.equal(whole.rules)
      expect(reduced.visible.join('\n') === whole.visible.join('\n'), 'the same is visible').to.equal(true)
      expect(
        [...reduced.steps].sort().join() === [...whole.steps].sort().join(),
        'by the same steps',
      ).to.equal(true)
      expect(whole.count / reduced.count).to.be.above(1.2)
      expect(whole.rules.length > 0).to.equal('plants' in options)
    })
})
