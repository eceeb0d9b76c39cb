import { BreakerModel, type BreakerOptions, type BreakerPlant, explore } from '@covey/checker'
import { expect } from 'chai'

const breakers = (options: Partial<BreakerOptions>) =>
  explore(new BreakerModel({ requests: 1, shards: 1, generations: 2, ...options }), 100_000)
const severalShards = { requests: 2, shards: 2, generations: 1 } as const

describe('the breakers of a manager, every order of words, rests, terms and generations', () => {
  for (const [what, statesMin, options] of [
    ['two shards, a request of each', 9_000, severalShards],
    ['a generation ends, and the next one begins', 400, {}],
  ] as const)
    it(`H18 S-C2 S-C4 S-C6 keep their rules: ${what}`, () => {
      const { fault, complete, states } = breakers(options)
      expect([fault?.rule, ...(fault?.story ?? [])].join('\n')).to.equal('')
      expect(complete).to.equal(true)
      expect(states).to.be.above(statesMin)
    })

  const bugs: readonly [id: string, plant: BreakerPlant, rule: RegExp, options?: Partial<BreakerOptions>][] =
    [
      ['H18', 'counts each word', /third request in a row that fails, and not before/],
      ['S-C2', 'notes failures only', /third request in a row that fails, and not before/],
      [
        'S-C4',
        'looks a turn before it sends',
        /nothing before its rest|no more requests open/,
        severalShards,
      ],
      ['S-C6', 'goes by name', /nothing is left of a generation/],
      ['S-C6', 'hears of no end', /nothing is left of a generation/],
      ['H18', 'time stands still', /nothing can happen/],
    ]
  for (const [id, plant, rule, options = {}] of bugs)
    it(`${id} are found broken where one ${plant}`, () => {
      const { fault } = breakers({ ...options, plants: [plant] })
      expect(fault?.rule).to.match(rule)
      expect(fault?.story.join('\n')).to.match(/is given request|finds that it may/)
    })
})
