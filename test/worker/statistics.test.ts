import { readStatistics, WindowTotals } from '@covey/actors'
import {
  CoveyError,
  limits,
  type StatisticsMessage,
  singleServerTimings,
  splitWorkflowId,
  statisticsAnswer,
  statisticsAsk,
  statisticsMessage,
} from '@covey/protocol'
import type { Links } from '@covey/transport'
import { expect } from 'chai'
import { controlled } from './controlled-workflow.js'
import { makeLedWorld } from './worker-world.js'

describe('Statistics of an attempt', () => {
  let work: ReturnType<typeof controlled>
  let world: Awaited<ReturnType<typeof makeLedWorld>>
  let heard: StatisticsMessage[]
  let heardAtMs: number[]
  let watcher: Links

  beforeEach(async () => {
    work = controlled('work')
    world = await makeLedWorld({ workflows: [work], slots: 8 })
    heard = []
    heardAtMs = []
    watcher = world.broker.open('watcher')
    watcher.data.subscribe(world.env.subjects.statistics(0, '*/*'), ({ data }) => {
      heard.push(statisticsMessage.decode(data))
      heardAtMs.push(world.clock.now())
    })
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

  /** Asks the worker to say again what it has said of a job: of how many attempts it did, what, and when. */
  const askAgain = async (workflow: string) => {
    const { job } = splitWorkflowId(workflow)
    const from = heard.length
    const subject = world.env.subjects.channel('w1', 1, 'statistics')
    const asked = watcher.data.request(subject, statisticsAsk.encode({ job }), 1_000)
    await world.pass(50)
    const outcome = await asked
    const attempts = outcome.kind === 'reply' && statisticsAnswer.decode(outcome.data).attempts
    return { attempts, said: heard.slice(from), atMs: heardAtMs.slice(from) }
  }

  it('are said again to who asks as they were, of the job that is asked for, and by no code that has returned', async () => {
    const [one, other] = [await begin(), await begin({ workflow: 'other/main' })]
    one.count.add(5)
    other.count.add(6)
    await world.pass(2_000)
    const before = heard.filter(({ token }) => token === one.token)
    expect(before).to.have.length(1)
    const again = await askAgain(one.dispatch.workflow)
    expect([again.attempts, again.said]).to.deep.equal([1, before])
    one.resolve('done')
    await world.pass(5)
    const gone = await askAgain(one.dispatch.workflow)
    expect([gone.attempts, gone.said]).to.deep.equal([0, []])
    expect(world.notices).to.deep.equal([])
    watcher.data.publish(world.env.subjects.channel('w1', 1, 'statistics'), new Uint8Array([1]))
    await world.pass(5)
    expect(world.notices.map(({ kind }) => kind)).to.deep.equal(['frame.refused'])
  })

  it('are said again in several turns where they are more than a message holds', async () => {
    const all: Awaited<ReturnType<typeof begin>>[] = []
    for (let step = 0; step < 8; step += 1)
      all.push(await begin({ workflow: `large/s${step}`, exclusive: false }))
    for (let window = 0; window < 3_000; window += 1) {
      world.stopped.wallMs += limits.statisticsWindowMs
      for (const { count, attempt } of all) {
        count.add()
        attempt.statistics.gauge('g').set(window + 0.5)
      }
    }
    await world.pass(2_000)
    const { attempts, said, atMs } = await askAgain('large/s0')
    const bytes = said.reduce((sum, { value }) => sum + value.byteLength, 0)
    expect([attempts, said.length, bytes > limits.payloadBytesMax]).to.deep.equal([8, 8, true])
    expect(new Set(atMs).size).to.equal(2)
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
