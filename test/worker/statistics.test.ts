import { readStatistics, WindowTotals } from '@covey/actors'
import {
  CoveyError,
  limits,
  type StatisticsMessage,
  singleServerTimings,
  statisticsMessage,
} from '@covey/protocol'
import { expect } from 'chai'
import { controlled } from './controlled-workflow.js'
import { makeLedWorld } from './worker-world.js'

describe('Statistics of an attempt', () => {
  let work: ReturnType<typeof controlled>
  let world: Awaited<ReturnType<typeof makeLedWorld>>
  let heard: StatisticsMessage[]

  beforeEach(async () => {
    work = controlled('work')
    world = await makeLedWorld({ workflows: [work], slots: 3 })
    heard = []
    const watcher = world.broker.open('watcher')
    watcher.data.subscribe(world.env.subjects.statistics(0, '*/*'), ({ data }) =>
      heard.push(statisticsMessage.decode(data)),
    )
    await world.pass(5)
  })
  afterEach(async () => {
    world.broker.kill('watcher')
    await world.close()
  })

  const begin = async (more: Parameters<typeof world.leader.next>[1] = {}) => {
    const dispatch = world.leader.next('work', more)
    world.leader.run([dispatch])
    await world.pass(5)
    const run = work.runs.get(dispatch.token)
    if (run === undefined) throw new Error('it does not run')
    return { ...run, dispatch, token: dispatch.token, count: run.attempt.statistics.counter('c') }
  }
  const sumOf = (bytes: Uint8Array | undefined): number | undefined => {
    if (bytes === undefined) return undefined
    const totals = new WindowTotals()
    totals.add('1.1.1.0', readStatistics(bytes))
    return totals.rows().reduce((sum, row) => sum + (row.kind === 'counter' ? row.value : 0), 0)
  }
  const wordOf = (token: string) => {
    const word = world.leader.reportsOf(token).at(-1)
    const counts = word !== undefined && 'statistics' in word ? sumOf(word.statistics) : undefined
    return [word?.kind, counts]
  }

  it('go with the word that it completed, or failed, and with none that counted nothing', async () => {
    const [done, broken] = [await begin(), await begin()]
    for (let index = 0; index < 10; index += 1) done.count.add(0.5)
    broken.count.add(7)
    done.resolve('done')
    broken.reject(new CoveyError('invalid_input', 'no'))
    await world.pass(5)
    expect([wordOf(done.token), wordOf(broken.token)]).to.deep.equal([
      ['completed', 5],
      ['failed', 7],
    ])
    const quiet = await begin()
    quiet.resolve('done')
    await world.pass(5)
    expect(wordOf(quiet.token)).to.deep.equal(['completed', undefined])
  })

  it('go with the word that it was too slow, which may end its workflow, and with no cancel', async () => {
    const [slow, stopped] = [await begin({ timeoutMs: 50 }), await begin()]
    slow.count.add(3)
    stopped.count.add(3)
    world.leader.cancel(stopped.dispatch)
    await world.pass(100)
    expect([wordOf(slow.token), wordOf(stopped.token)]).to.deep.equal([
      ['failed', 3],
      ['cancelled', undefined],
    ])
  })

  it('go with a result that is too large for a message', async () => {
    const large = await begin()
    large.count.add(4)
    large.resolve(new Uint8Array(limits.inlineBytesMax + 1))
    await world.pass(1_000)
    expect(wordOf(large.token)).to.deep.equal(['completed', 4])
  })

  it('are sent while it runs, all of them again, once a second at most, and as they are in the end', async () => {
    const { count, token, attempt, resolve } = await begin()
    for (let index = 0; index < 300; index += 1) {
      count.add()
      await world.pass(10)
    }
    expect(heard.length).to.be.within(3, 4)
    expect(heard.map(({ number }) => number)).to.deep.equal(heard.map((_, index) => index + 1))
    resolve('done')
    await world.pass(5)
    count.add()
    await world.pass(5_000)
    expect(sumOf(heard.at(-1)?.value)).to.equal(300)
    expect(heard.at(-1)).to.include({ token, workflow: attempt.workflow })
    expect(wordOf(token)).to.deep.equal(['completed', 300])
  })

  it('hold nothing up where they cannot be sent, and leave no timer', async () => {
    const timers = world.clock.size
    const { count, token, resolve } = await begin()
    world.broker.faults.lostMessage = 1
    for (let index = 0; index < 1_000; index += 1) count.add()
    await world.pass(2_000)
    world.broker.faults.lostMessage = 0
    resolve('done')
    // Renewals were lost too: their answers are awaited for as long as they could count.
    await world.pass(singleServerTimings.workerSelfFenceMs)
    expect([wordOf(token), sumOf(heard.at(-1)?.value), world.notices]).to.deep.equal([
      ['completed', 1_000],
      undefined,
      [],
    ])
    expect(world.clock.size).to.be.at.most(timers + 2)
  })
})
