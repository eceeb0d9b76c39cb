import { createSubjects, shardOf } from '@covey/protocol'
import { connectLinks, surveyShards } from '@covey/transport'
import { jetstreamManager } from '@nats-io/jetstream'
import { expect } from 'chai'
import { type Client, connect, defineWorkflow, type RunningNode, startNode } from 'covey'
import { connect as dial } from 'nats'
import { rejection } from '../covey/client-world.js'
import { freshCluster, linksOptions, useBroker } from './nats-world.js'

const linksWithout = (url: string, cluster: string) => {
  const { shards: _, ...options } = linksOptions(url, cluster)
  return options
}

describe('Several shards on a real broker', () => {
  const broker = useBroker()
  const closers: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })

  const work = defineWorkflow({ name: 'work', version: '1', run: async ({ input }) => Number(input) + 1 })
  const node = async (
    cluster: string,
    name: string,
    role: 'manager' | 'worker',
    shards?: number,
  ): Promise<RunningNode> => {
    const about = { name, cluster, server: broker.url, roles: [role], logger: 'silent', slots: 2 } as const
    const workflows = role === 'worker' ? [work] : []
    const started = await startNode({ ...about, workflows, ...(shards === undefined ? {} : { shards }) })
    closers.push(() => started.close())
    return started
  }
  const clientOf = async (cluster: string): Promise<Client> => {
    const client = await connect({ server: broker.url, cluster })
    closers.push(() => client.close())
    return client
  }

  it('are as many as the first manager says; all else learns it, and a node that wants another number is refused', async () => {
    const cluster = freshCluster()
    const client = await clientOf(cluster)
    // Before any node is there: it waits.
    const early = client.submit(work, 1, { id: 'early' }).then((job) => job.result())
    const begun = Promise.all([node(cluster, 'm1', 'manager', 3), node(cluster, 'w1', 'worker')])
    const [[m1, w1], result] = await Promise.all([begun, early])
    await Promise.all([m1.ready, w1.ready])
    expect(result).to.equal(2)
    const jobs = await Promise.all(Array.from({ length: 12 }, (_, index) => client.submit(work, index)))
    expect(await Promise.all(jobs.map((job) => job.result()))).to.deep.equal(
      Array.from({ length: 12 }, (_, index) => index + 1),
    )
    const { shards, jobs: counts } = await client.status()
    expect(shards.map(({ shard, leader }) => [shard, leader])).to.deep.equal(
      [0, 1, 2].map((each) => [each, 'm1']),
    )
    expect(counts.completed).to.equal(13)
    expect(new Set(jobs.map(({ id }) => shardOf(id, 3))).size).to.be.above(1)
    const error = await rejection(node(cluster, 'm2', 'manager', 4))
    expect(error).to.include({ code: 'incompatible', message: `cluster ${cluster} has 3 shards, and not 4` })
  })

  it('are one where a version that knew of no number has left a log, whatever is wanted, and its facts are read', async () => {
    const cluster = freshCluster()
    const subjects = createSubjects(cluster)
    const connection = await dial({ servers: broker.url })
    closers.push(() => connection.close())
    const manager = await jetstreamManager(connection)
    const links = await connectLinks({ ...linksOptions(broker.url, cluster), shards: 1 })
    closers.push(() => links.close())
    // As it was: without the fact, and a stream that does not take it.
    await links.facts.purge(subjects.agreedAll)
    await manager.streams.update(subjects.factsStream, { subjects: [subjects.facts] })
    const error = await rejection(node(cluster, 'm1', 'manager', 4))
    expect(error).to.include({ code: 'incompatible', message: `cluster ${cluster} has 1 shard, and not 4` })
    const started = await node(cluster, 'm1', 'manager')
    await started.ready
    expect(await surveyShards(links.control, cluster)).to.equal(1)
  })

  it('are as many as there are logs where the store has lost who said it', async () => {
    const cluster = freshCluster()
    const links = await connectLinks({ ...linksOptions(broker.url, cluster), shards: 3 })
    closers.push(() => links.close())
    await links.facts.purge(createSubjects(cluster).agreedAll)
    const again = await connectLinks(linksWithout(broker.url, cluster))
    closers.push(() => again.close())
    expect(await surveyShards(again.control, cluster)).to.equal(3)
  })
})
