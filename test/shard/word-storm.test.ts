import { expect } from 'chai'
import { WordStorm } from './word-storm.js'

const seeds = process.env.SEED
  ? [Number(process.env.SEED)]
  : Array.from({ length: Number(process.env.SEEDS ?? 2) }, (_, index) => index + 1)
const slotsEach = 2

for (const seed of seeds) {
  describe(`a shard whose words are lost, doubled, late and reordered (seed ${seed})`, () => {
    let storm: WordStorm
    let states: Map<string, string>

    before(async function () {
      this.timeout(60_000)
      storm = new WordStorm(seed)
      await storm.rage(40_000)
      try {
        states = await storm.settle(120_000)
      } catch (error) {
        throw new Error(`${String(error)}\n${storm.story.join('\n')}`, { cause: error })
      }
    })
    after(() => storm.close())

    it('K9 K17 has ended every workflow, and fails none that only lost words (invariants 23, 25)', () => {
      const wanted = [...storm.jobs].flatMap(([job, steps]) => steps.map(({ step }) => `${job}/${step}`))
      expect([...states.keys()].toSorted()).to.deep.equal(wanted.toSorted())
      const completed = [...states].filter(([, state]) => state === 'completed')
      expect(completed.length).to.be.above(states.size / 4)
      for (const [workflow] of completed) expect(storm.ran.of(workflow), workflow).to.not.deep.equal([])
    })

    it('K4 K5 K6 has run no workflow twice at once, no token twice, no more than its slots (invariants 1, 8, 18)', () => {
      expect(storm.ran.overlaps(), storm.story.join('\n')).to.deep.equal([])
      expect(storm.ran.repeatedTokens()).to.deep.equal([])
      expect(storm.ran.mostAtOnce()).to.be.at.most(slotsEach)
    })

    it('K39 runs nothing of what has ended (invariants 3, 4)', async () => {
      await storm.world.run(12_000)
      expect(storm.ran.running).to.deep.equal([])
    })

    it('K17 says the same by its next leader (invariant 9)', async () => {
      await storm.changeLeader()
      expect(await storm.settle(20_000)).to.deep.equal(states)
    })
  })
}
