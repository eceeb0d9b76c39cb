import { expect } from 'chai'
import { breeze, Stage } from './stage.js'

/** Chains, stars and rings of seeds do not exist with a broker: what is left of them is how many nodes form, and when. */
const sizes = [
  ...[2, 3, 5, 8, 10].map((count) => ({ count, withinMs: Math.max(5_000, 500 * count) })),
  ...[13, 20].map((count) => ({ count, withinMs: Math.max(15_000, 1_000 * count) })),
  ...[30, 50].map((count) => ({ count, withinMs: Math.max(45_000, 1_000 * count) })),
]

describe('formation', function () {
  // Much to compute, on a machine that may be busy.
  this.timeout(60_000)

  for (const { count, withinMs } of sizes) {
    it(`discovery: ${count} nodes that start ${count > 8 ? 'at once' : 'at once, or one after the other,'} see each other within ${withinMs} ms`, async () => {
      for (const apart of count > 8 ? [0] : [0, 100]) {
        const stage = new Stage(count, { latencyMinMs: 0, ...breeze })
        const names = Array.from({ length: count }, (_, index) => `n${index}`)
        for (const name of names) {
          stage.start(name)
          await stage.run(apart)
        }
        const tookMs = await stage.knows(names, withinMs)
        expect(tookMs).to.be.at.most(withinMs)
        await stage.world.close()
      }
    })
  }
})
