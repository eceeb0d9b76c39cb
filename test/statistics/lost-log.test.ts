import { type AnswerOf, type Counted, limits } from '@covey/protocol'
import { expect } from 'chai'
import fc from 'fast-check'
import { JobStatistics, readPages } from '../../packages/covey/src/client/job-statistics.js'
import { CountingCluster, hear, sums } from '../covey/counting-cluster.js'
import { counted } from './counted.js'

/** What the log has of the ends of a job at some time: steps in the order of their ends, and which attempt ended each. */
interface Told {
  readonly streamEpoch: number
  readonly steps: readonly number[]
}

/** Ends are added; then the log loses some, which may be all or none, and others come: as often as it happens. */
const told: fc.Arbitrary<readonly Told[]> = fc
  .array(fc.tuple(fc.nat(6), fc.array(fc.nat(9), { maxLength: 8 })), { minLength: 1, maxLength: 4 })
  .map((changes) => {
    const all: Told[] = []
    let steps: readonly number[] = []
    changes.forEach(([kept, more], index) => {
      steps = [...new Set([...steps.slice(0, kept), ...more])]
      all.push({ streamEpoch: index + 1, steps })
    })
    return all
  })

const counts = (streamEpoch: number, step: number): Counted => {
  const value = counted([[step * 10_000, 'add', 'sold', 2 ** step + streamEpoch]]).at(-1)
  if (value === undefined) throw new Error('nothing is counted')
  return { step: `s${step}`, token: `${streamEpoch}.1.${step + 1}.0`, value }
}

describe('Statistics of a job whose log has lost entries', () => {
  const made = (): JobStatistics =>
    new JobStatistics((notice) => {
      throw new Error(notice.kind)
    })

  /** A leader of two entries a page, whose log is the next one after so many questions. */
  const leader = (all: readonly Told[], questions: number) => {
    let asked = 0
    return async (after: number): Promise<AnswerOf<'statistics'>> => {
      const now = all[Math.min(Math.floor(asked / questions), all.length - 1)] ?? {
        streamEpoch: 1,
        steps: [],
      }
      asked += 1
      const { streamEpoch, steps } = now
      const listed = steps.slice(after, after + 2).map((step) => counts(streamEpoch, step))
      const answer = { type: 'statistics' as const, number: asked, id: 'j', state: 'running' }
      return { ...answer, total: steps.length, counted: listed, ...(streamEpoch > 1 && { streamEpoch }) }
    }
  }

  it('K11: come to what the log has then, whenever it lost which of them', async () => {
    await fc.assert(
      fc.asyncProperty(told, fc.integer({ min: 1, max: 9 }), async (all, questions) => {
        const [followed, page] = [made(), leader(all, questions)]
        for (let look = 0; look < all.length * questions; look += 1) await readPages(followed, page)
        const fresh = made()
        await readPages(fresh, leader(all.slice(-1), 1))
        expect(followed.windows()).to.deep.equal(fresh.windows())
      }),
      { numRuns: 100, seed: 20_261_123 },
    )
  })

  it('K11: let go of what was sent by attempts before the loss, and keep what was sent since', async () => {
    const statistics = made()
    const value = (step: number) => counts(1, step).value
    for (const [step, token] of [
      [0, '1.1.9.0'],
      [1, '2.2.3.0'],
    ] as const)
      statistics.takeSent({ workflow: `j/s${step}`, token, number: 1, value: value(step) })
    await readPages(statistics, leader([{ streamEpoch: 2, steps: [] }], 1))
    expect(statistics.windows().map(({ startMs }) => startMs)).to.deep.equal([limits.statisticsWindowMs])
  })

  it('K11: end for who follows a job with what the log says that was put back under it', async () => {
    const world = new CountingCluster()
    const client = await world.begin()
    const job = await world.during(client.submitJob({ id: 'j', workflows: world.steps(['', 'fails once']) }))
    const heard = hear(job.statistics$)
    await world.pass(10_000)
    const putBack = world.broker.copyWork()
    await world.pass(15_000)
    expect(sums(await world.during(client.statistics('j'))), 'one of two has ended').to.include({ ms: 4 })
    world.broker.stop()
    putBack()
    world.broker.start()
    await world.pass(120_000)
    const last = await world.during(client.statistics('j'))
    expect([heard.isComplete, sums(last)]).to.deep.equal([true, { orders: 20, ms: 8 }])
    expect(heard.all.at(-1)).to.deep.equal(last)
    await world.close()
  })
})
