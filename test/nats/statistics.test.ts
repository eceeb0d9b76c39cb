import { expect } from 'chai'
import { connect, defineWorkflow, type StatisticsWindow, startNode } from 'covey'
import { eventually } from '../transport/transport-world.js'
import { freshCluster, useBroker } from './nats-world.js'

describe('Statistics over NATS', () => {
  const broker = useBroker()
  const closers: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })

  it('come while a workflow runs, and from the log when it has ended', async () => {
    let [hasBegun, isSeen] = [false, false]
    const count = defineWorkflow({
      ...{ name: 'count', version: '1' },
      run: async ({ statistics }) => {
        statistics.counter('orders').add(2.5)
        statistics.gauge('left').set(7)
        hasBegun = true
        // Who subscribes late hears of it, though nothing is counted until it has.
        while (!isSeen) await new Promise((resolve) => setImmediate(resolve))
        statistics.histogram('ms').record(40)
      },
    })
    const cluster = freshCluster()
    const where = { cluster, server: broker.url }
    const node = await startNode({ ...where, name: 'n1', slots: 1, logger: 'silent', workflows: [count] })
    closers.push(() => node.close())
    await node.ready
    const client = await connect(where)
    closers.push(() => client.close())
    const job = await client.submit(count)
    await eventually('it counts', () => hasBegun)
    const heard: (readonly StatisticsWindow[])[] = []
    job.statistics$.subscribe((windows) => heard.push(windows))
    await eventually(
      'it is seen to count',
      () => heard.at(-1)?.some(({ name }) => name === 'orders') === true,
    )
    isSeen = true
    expect(await job.ended()).to.equal('completed')
    await eventually('all is told', () => heard.at(-1)?.some(({ name }) => name === 'ms') === true)
    const windows = await job.statistics()
    expect(windows).to.deep.equal(heard.at(-1))
    expect(
      windows.map((row) => [row.name, row.kind === 'histogram' ? row.p99 : row.value]),
    ).to.deep.include.members([
      ['orders', 2.5],
      ['left', 7],
      ['ms', 40],
    ])
    expect(windows.every(({ startMs }) => Math.abs(startMs - Date.now()) < 3_600_000)).to.equal(true)
  })
})
