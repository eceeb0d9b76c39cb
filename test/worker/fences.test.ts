import type { Dispatch } from '@covey/protocol'
import { seededRandom } from '@covey/transport'
import { expect } from 'chai'
import { controlled } from './controlled-workflow.js'
import { makeLedWorld } from './worker-world.js'

/** Those that are higher than all before them, by the place of their token in the log. */
const risingOf = (dispatches: readonly Dispatch[]): string[] => {
  let highest = 0
  return dispatches.flatMap(({ token }) => {
    const place = Number(token.split('.')[2])
    if (place <= highest) return []
    highest = place
    return [token]
  })
}

function shuffled<Item>(items: readonly Item[], seed: number): Item[] {
  const { next } = seededRandom(seed)
  return items
    .map((item) => ({ item, at: next() }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item)
}

describe('the fences of a worker', () => {
  const work = () => controlled('work')
  let workflow: ReturnType<typeof work>
  let world: Awaited<ReturnType<typeof makeLedWorld>>

  beforeEach(async () => {
    workflow = work()
    world = await makeLedWorld({ workflows: [workflow], slots: 16 })
  })
  afterEach(() => world.close())

  for (const seed of [0, 1, 2, 3])
    it(`H1 let a token start that is higher than all before, and no equal or lower one (order ${seed})`, async () => {
      const { leader } = world
      const first = leader.next('work')
      const rising = [
        first,
        ...Array.from({ length: 11 }, () => leader.next('work', { workflow: first.workflow })),
      ]
      // Seed 0 is the reverse order: of that only the first may start.
      const sent = seed === 0 ? rising.toReversed() : shuffled(rising, seed)
      for (const dispatch of sent) {
        leader.run([dispatch, dispatch])
        await world.pass(5)
      }
      expect([...workflow.runs.keys()]).to.deep.equal(risingOf(sent))
    })

  it('H2 follow the third leader after two, and obey neither of those any more', async () => {
    const { leader: first } = world
    const late = first.next('work')
    first.close()
    const second = world.lead(2)
    await world.pass(2_010)
    const alsoLate = second.next('work')
    second.close()
    const third = world.lead(3)
    await world.pass(2_010)
    expect(third.lastRenewal.epoch).to.equal(3)
    first.run([late])
    second.run([alsoLate])
    const good = third.next('work')
    third.run([good])
    await world.pass(10)
    expect([...workflow.runs.keys()]).to.deep.equal([good.token])
    expect(world.part.view().staleCommands).to.equal(2)
  })

  it('H3 K6 keep out every command of a leader that has been followed, and answer it nothing', async () => {
    const { leader: first } = world
    const running = first.next('work')
    first.run([running])
    await world.pass(10)
    first.opens = false
    first.grants = false
    const second = world.lead(2)
    second.assigned = [running]
    await world.pass(2_010)
    const said = second.reports.length
    first.cancel(running)
    first.ask([first.next('work')])
    first.run([first.next('work')])
    await world.pass(10)
    expect(workflow.runs.get(running.token)?.attempt.signal.aborted).to.equal(false)
    expect([...workflow.runs.keys()]).to.deep.equal([running.token])
    expect(world.part.view().staleCommands).to.equal(3)
    expect(second.reports).to.have.length(said)
  })

  it('H11 answer a new leader with the state of each attempt that it names, and burn what has not come yet', async () => {
    const { leader: first } = world
    const [running, done, slow] = [first.next('work'), first.next('work'), first.next('work')]
    first.run([running, done])
    await world.pass(10)
    workflow.runs.get(done.token)?.resolve('done')
    await world.pass(10)
    first.close()
    const second = world.lead(2)
    second.assigned = [running, done, slow]
    await world.pass(2_010)
    expect(second.kindsOf(running.token).at(-1)).to.equal('started')
    expect(second.kindsOf(done.token).at(-1)).to.equal('completed')
    expect(second.kindsOf(slow.token)[0]).to.equal('burnt')
    // The dispatch of the first arrives after all, handed on by the second.
    second.run([slow])
    await world.pass(10)
    expect(workflow.runs.has(slow.token)).to.equal(false)
  })
})
