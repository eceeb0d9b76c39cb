import { createSubjects, singleServerTimings } from '@covey/protocol'
import { connectLinks, delay, type Links, systemClock } from '@covey/transport'
import { expect } from 'chai'
import { type Client, connect, defineWorkflow, type RunningNode, startNode } from 'covey'
import { rejection } from '../transport/transport-world.js'
import { freshCluster, linksOptions, TestBroker } from './nats-world.js'

const [kept, snapshotEvents] = [40, 100]

const echo = defineWorkflow({ name: 'echo', version: '1.0.0', run: async ({ input }) => input })

describe('Snapshots over nats-server', () => {
  const broker = new TestBroker()
  const cluster = freshCluster()
  const nodes: RunningNode[] = []
  let client: Client
  let links: Links

  const start = async (name: string): Promise<RunningNode> => {
    const node = await startNode({
      ...{ name, cluster, server: broker.url, workflows: [echo], logger: 'silent', slots: 16 },
      ...{ snapshotEvents, retention: { workflows: kept } },
    })
    nodes.push(node)
    await node.ready
    return node
  }
  const open = async (): Promise<void> => {
    client = await connect({ server: broker.url, cluster })
    links = await connectLinks({ ...linksOptions(broker.url, cluster), shards: 1 })
  }
  const close = async (): Promise<void> => {
    await client.close()
    await links.close()
    await Promise.all(nodes.splice(0).map((node) => node.close()))
  }

  before(async () => {
    await broker.start()
    await start('one')
    await open()
  })
  after(async () => {
    await close()
    await broker.remove()
  })

  const run = (first: number, last: number): Promise<unknown[]> =>
    Promise.all(
      Array.from({ length: last - first + 1 }, async (_, index) => {
        const job = await client.submit('echo', first + index, { id: `job${first + index}` })
        return job.result()
      }),
    )

  it('K3 let the log begin later, and whoever starts after kill -9 of the broker has all that is kept', async function () {
    this.timeout(60_000)
    const log = links.log(0)
    let first = 0
    do {
      const values = Array.from({ length: 50 }, (_, index) => first + index)
      expect(await run(first, first + 49)).to.deep.equal(values)
      first += 50
      // Between two looks of its leader at the log.
      await delay(systemClock, singleServerTimings.reconcileIntervalMs / 10)
    } while ((await log.read(1)).kind !== 'absent')
    await run(1_000_000, 1_000_019)
    const places = new Set(
      (await links.objects.names(createSubjects(cluster).objects)).map((name) =>
        name.split('.').slice(0, -1).join('.'),
      ),
    )
    expect(places.size).to.be.within(1, 3)
    await close()
    await broker.kill()
    await broker.start()
    await start('two')
    await open()
    expect(await client.result('job1000019')).to.equal(1_000_019)
    expect(await rejection(client.result('job0'))).to.include({ code: 'expired' })
    const again = await client.submit('echo', 0, { id: 'job0' })
    expect(again.again).to.equal(true)
    expect(await rejection(again.result())).to.include({ code: 'expired' })
    expect(await run(2_000_000, 2_000_009)).to.have.length(10)
  })
})
