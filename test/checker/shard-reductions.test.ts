import { type Plant, ShardModel, type ShardOptions, type ShardReduction } from '@covey/checker'
import { expect } from 'chai'
import { allStates, type Found } from './all-states.js'
import { cancelsWithoutBurning, soundShard } from './planted-shard-bugs.js'

/** Everything that a story tells of a state, but which manager is which. */
const visibleOf = (model: ShardModel, state: Int32Array): string => {
  const lines = model.tell(state)
  const managers = lines
    .filter((line) => line.startsWith('manager'))
    .map((line) => line.slice('manager 1'.length))
  return [...lines.filter((line) => !line.startsWith('manager')), ...managers.sort()].join('\n')
}

function found(options: Partial<ShardOptions>, without: readonly ShardReduction[] = []): Found {
  const model = new ShardModel({ ...soundShard, ...options, without })
  return allStates(model, (state) => visibleOf(model, state))
}

/** That the same is visible, by the same steps, and the same rules are broken: chai would look for the difference in millions of letters. */
function expectSame(one: Found, other: Found): void {
  expect(one.rules).to.deep.equal(other.rules)
  expect(one.visible.join('\n') === other.visible.join('\n'), 'the same is visible').to.equal(true)
  expect([...one.steps].sort().join() === [...other.steps].sort().join(), 'by the same steps').to.equal(true)
}

const early = { plants: ['acts before the acknowledgement' as Plant] }
const change = { tokensMax: 0, epochsMax: 2 }
const cancel = { tokensMax: 1, budgets: { cancels: 1 } }
const worlds: readonly [
  what: string,
  without: readonly ShardReduction[],
  less: number,
  options: Partial<ShardOptions>,
  isSound?: false,
][] = [
  ['managers that differ by names are one', ['names'], 1.2, change],
  [
    'managers that differ by names are one, who act too early',
    ['names'],
    1.2,
    { ...change, ...early },
    false,
  ],
  ['what can be said is said at once', ['speech'], 5, cancel],
  [
    'what can be said is said at once, by a worker that burns nothing',
    ['speech'],
    5,
    { ...cancel, workerMachine: cancelsWithoutBurning },
    false,
  ],
  [
    'nothing gathers for who is deposed, and nobody is sent what he will not heed',
    ['deposed', 'old orders'],
    1.05,
    change,
  ],
]

describe('what the checker leaves out of a shard', () => {
  for (const [what, without, less, options, isSound = true] of worlds)
    it(`is invisible: ${what}`, () => {
      const whole = found(options, without)
      const reduced = found(options)
      expectSame(reduced, whole)
      expect(whole.count / reduced.count).to.be.above(less)
      expect(whole.rules.length === 0).to.equal(isSound)
    })
})
