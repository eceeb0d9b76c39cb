import { explore, ShardModel, type ShardOptions } from '@covey/checker'
import { expect } from 'chai'
import { givesForRepeats, takesAnyDueTime, takesAsksForProgress } from './planted-folds.js'
import { soundShard, takesTimeTwice } from './planted-shard-bugs.js'

const shard = (options: Partial<ShardOptions>) =>
  explore(new ShardModel({ ...soundShard, tokensMax: 1, ...options }), 50_000)

describe('a shard whose attempts ask for more time, every state', () => {
  for (const [what, statesMin, options] of [
    ['its time is over for its leader at any moment', 2_000, { budgets: { asks: 1, timeouts: 1 } }],
    ['it asks twice, and makes progress or none', 2_000, { budgets: { asks: 2, progress: 1 } }],
  ] as const)
    it(`H17 S-C5 keeps its rules: ${what}`, () => {
      const { fault, complete, states } = shard(options)
      expect([fault?.rule, ...(fault?.story ?? [])].join('\n')).to.equal('')
      expect(complete).to.equal(true)
      expect(states).to.be.above(statesMin)
    })

  const bugs: readonly [what: string, rule: RegExp, options: Partial<ShardOptions>][] = [
    [
      'an ask counts as progress',
      /no more progress counts/,
      { fold: takesAsksForProgress, budgets: { asks: 1 } },
    ],
    [
      'a repeated ask is given more',
      /asks for once/,
      { fold: givesForRepeats, batchesMax: 2, budgets: { asks: 1 } },
    ],
    [
      'a due time that was moved counts',
      /due time that was moved/,
      { fold: takesAnyDueTime, batchesMax: 2, budgets: { asks: 1, timeouts: 1 } },
    ],
    [
      'an attempt takes twice what it is given',
      /no more than the log/,
      { attemptMachine: takesTimeTwice, budgets: { asks: 1 } },
    ],
  ]
  for (const [what, rule, options] of bugs)
    it(`H17 is found broken where ${what}`, () => {
      const { fault } = shard(options)
      expect(fault?.rule).to.match(rule)
      expect(fault?.story.join('\n')).to.match(/asks for more time/)
    })
})
