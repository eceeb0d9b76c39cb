import { explore, type Plant, ShardModel, type ShardOptions } from '@covey/checker'
import { expect } from 'chai'
import { assignsWhatIsCancelled, completesWhatIsCancelled } from './planted-folds.js'
import {
  asksWithoutBurning,
  cancelsWithoutBurning,
  obeysAnybody,
  soundShard,
  successor,
  takesEqualTokens,
  twoWorkers,
} from './planted-shard-bugs.js'

const shard = (options: Partial<ShardOptions>) =>
  explore(new ShardModel({ ...soundShard, ...options }), 150_000)
const planted = (...plants: Plant[]) => ({ plants })

describe('a shard, every state of its log, leaders, workers and clients', () => {
  for (const [what, statesMin, options] of [
    ['two workers, two tokens', 4_000, { workers: twoWorkers }],
    ['one job is cancelled at any moment', 1_500, { tokensMax: 1, budgets: { cancels: 1 } }],
    [
      'one batch gathers while one is in the log unheard',
      6_000,
      { tokensMax: 1, batchesMax: 2, budgets: { cancels: 1 } },
    ],
    ['the leader changes at any moment', 30_000, { tokensMax: 1, epochsMax: 2 }],
  ] as const)
    it(`keeps its rules: ${what}`, () => {
      const { fault, complete, states } = shard(options)
      expect(fault?.story.join('\n')).to.equal(undefined)
      expect(complete).to.equal(true)
      expect(states).to.be.above(statesMin)
    })

  const bugs: readonly [what: string, rule: RegExp, story: RegExp, options: Partial<ShardOptions>][] = [
    [
      'K4 a question burns nothing',
      /exclusive/,
      /is burnt/,
      { workerMachine: asksWithoutBurning, workers: twoWorkers },
    ],
    [
      'K4 a cancel burns nothing',
      /nothing runs of what has ended/,
      /is burnt/,
      { workerMachine: cancelsWithoutBurning, tokensMax: 1, budgets: { cancels: 1 } },
    ],
    [
      '`cancelling` takes an assignment',
      /K39|invariant/,
      /cancel.requested/,
      {
        ...{ fold: assignsWhatIsCancelled, workers: twoWorkers, budgets: { cancels: 1 } },
        ...planted('assigns what is cancelled'),
      },
    ],
    [
      'K39 a late result completes what is being cancelled',
      /K39/,
      /cancel.requested/,
      { fold: completesWhatIsCancelled, tokensMax: 1, budgets: { cancels: 1 } },
    ],
    [
      'K8 a leader brings no end of a worker into the log',
      /nothing can happen|no way leads/,
      /crashed|exited/,
      { ...planted('never looks'), workers: twoWorkers, budgets: { kills: 1 } },
    ],
    ['K5 an equal token is accepted', /no token runs twice/, /run/, { workerMachine: takesEqualTokens }],
    [
      'K6 a worker obeys an older epoch',
      /invariant/,
      /epoch 1/,
      { workerMachine: obeysAnybody, workers: twoWorkers, epochsMax: 2 },
    ],
    [
      'effects come before the append is acknowledged',
      /invariant|log has it/,
      /never arrive/,
      { ...planted('acts before the acknowledgement'), epochsMax: 2 },
    ],
    [
      'a lost acknowledgement is taken for "not done"',
      /./,
      /not in the log/,
      { ...planted('takes silence for a refusal'), workers: twoWorkers },
    ],
    [
      'two leaders append without the fence',
      /./,
      /epoch 2/,
      { ...planted('no fence'), epochsMax: 2, workers: twoWorkers },
    ],
    [
      'K7 K8 the lease of the ended is not waited for',
      /exclusive/,
      /crashed/,
      { ...planted('waits for no lease'), workers: twoWorkers, budgets: { departures: 1 } },
    ],
    [
      'K10 credits are not voided with their generation',
      /./,
      /w1.2/,
      { ...planted('mail goes by name'), workers: successor, budgets: { kills: 1 } },
    ],
  ]
  for (const [what, rule, story, options] of bugs)
    it(`is found broken where ${what}`, () => {
      const { fault } = shard(options)
      expect(fault?.rule).to.match(rule)
      expect(fault?.story.join('\n')).to.match(story)
    })
})
