import { explore, SlotsModel, type SlotsOptions } from '@covey/checker'
import { workerMachine } from '@covey/machines'
import { expect } from 'chai'
import { sharesTwice, voidsEveryBook } from './planted-shard-bugs.js'

/** One slot, which lies with a shard that has no job, and another shard that has one. */
const lent = { workerMachine, slots: 1, jobs: [false, true], epochs: [1, 1], tokensMax: 1 }
const slots = (options: Partial<SlotsOptions>) => explore(new SlotsModel({ ...lent, ...options }), 100_000)

describe('a worker of two shards, every state of it and of what their leaders say', () => {
  for (const [what, statesMin, options] of [
    ['a slot goes from one to the other', 3_000, {}],
    ['the leader of the one that has it changes', 14_000, { epochs: [2, 1] }],
  ] as const)
    it(`K10e keeps its rules: ${what}`, () => {
      const { fault, complete, states } = slots(options)
      expect([fault?.rule, ...(fault?.story ?? [])].join('\n')).to.equal('')
      expect(complete).to.equal(true)
      expect(states).to.be.above(statesMin)
    })

  const bugs: readonly [what: string, rule: RegExp, options: Partial<SlotsOptions>][] = [
    [
      'the next leader of a shard voids the credits of all',
      /takes nothing from the work of another shard/,
      { workerMachine: voidsEveryBook, epochs: [1, 2] },
    ],
    ['a slot is given out before it was given back', /invariant 18/, { workerMachine: sharesTwice }],
    ['a leader gives nothing back', /no way leads|nothing can happen/, { keepsReturned: true }],
  ]
  for (const [what, rule, options] of bugs)
    it(`K10e is found broken where ${what}`, () => {
      const { fault } = slots(options)
      expect(fault?.rule).to.match(rule)
      expect(fault?.story.join('\n')).to.match(/the worker hears in shard/)
    })
})
