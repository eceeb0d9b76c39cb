import { limits, shardOf, shardsFact } from '@covey/protocol'
import { expect } from 'chai'
import { type Client, defineWorkflow } from 'covey'
import { createClient } from '../../packages/covey/src/client/create-client.js'
import { standIn } from '../harness/stand-in.js'
import { rejection } from './client-world.js'
import { ClusterWorld, double } from './cluster-world.js'

const shards = 8

describe('a cluster of several shards', () => {
  let world: ClusterWorld
  let client: Client
  const gates = new Map<unknown, () => void>()
  const held = defineWorkflow({
    name: 'held',
    version: '1',
    run: ({ input, signal }) =>
      new Promise((resolve, reject) => {
        gates.set(input, () => resolve(input))
        signal.addEventListener('abort', () => reject(signal.reason))
      }),
  })

  beforeEach(async () => {
    world = new ClusterWorld(shards)
    gates.clear()
    const nodes = [world.node('m1', ['manager']), world.node('w1', ['worker'], [double, held], 4)]
    client = await world.client()
    await world.during(Promise.all(nodes.map((node) => node.ready)))
    await world.during(client.status())
    await world.pass(3_000)
  })
  afterEach(() => world.close())

  /** The id of a job of a shard, one of many. */
  const idIn = (shard: number, index: number): string => {
    for (let tried = 0; ; tried += 1) {
      const id = `job-${index}-${tried}`
      if (shardOf(id, shards) === shard) return id
    }
  }
  const submit = (shard: number, index: number) =>
    world.during(client.submit(held, index, { id: idIn(shard, index) }))
  const tookMs = async (act: () => Promise<unknown>): Promise<number> => {
    const fromMs = world.clock.now()
    await act()
    return world.clock.now() - fromMs
  }

  it('K45: gives each job to the shard of its id, and shows, lists, cancels and awaits it as one cluster', async () => {
    const ids = Array.from({ length: shards }, (_, shard) => idIn(shard, shard))
    const jobs = await world.during(Promise.all(ids.map((id, index) => client.submit(double, index, { id }))))
    const results = await world.during(Promise.all(jobs.map((job) => job.result())))
    expect(results).to.deep.equal(ids.map((_, index) => index * 2))
    const status = await world.during(client.status())
    expect(status.shards.map(({ shard, leader }) => `${shard} ${leader}`)).to.deep.equal(
      ids.map((_, shard) => `${shard} m1`),
    )
    expect(status.jobs).to.deep.equal({ running: 0, completed: shards, failed: 0, cancelled: 0 })
    expect(status.nodes.map(({ id }) => id).toSorted()).to.deep.equal(['m1', 'w1'])
    for (let index = 0; index < 6; index += 1) await submit(index, 100 + index)
    await world.pass(100)
    const { nodes } = await world.during(client.status())
    expect(nodes.find(({ id }) => id === 'w1')?.slots).to.deep.equal({ total: 4, used: 4 })
    const counts = await world.during(client.cancelMatching({ name: 'held' }))
    expect(counts).to.include({ jobs: 6, cancelled: 2, cancelling: 4 })
    expect(counts.shards.map(({ shard }) => shard)).to.deep.equal([...ids.keys()])
  })

  it('K10e: lets a shard that has no credit begin at once where slots are idle in others', async () => {
    // 4 slots among 8 shards: half of them have none.
    for (const shard of [7, 6, 5, 4]) {
      const ms = await tookMs(async () => {
        await submit(shard, shard)
        await world.during(until(() => gates.has(shard)))
      })
      expect(ms, `shard ${shard}`).to.be.below(100)
    }
  })

  it('K10e: lets one busy shard have all slots, and another one its share as soon as one of them is free', async () => {
    for (let index = 0; index < 8; index += 1) await submit(3, index)
    await world.during(until(() => gates.size === 4))
    await submit(5, 50)
    await world.pass(2_000)
    expect(gates.size).to.equal(4)
    gates.get(0)?.()
    const ms = await tookMs(() => world.during(until(() => gates.has(50))))
    expect(ms).to.be.below(limits.loggedDelayMs)
    expect(gates.size).to.equal(5)
  })

  it('is learnt of by a client from the cluster, and what it asks before waits until then', async () => {
    const { shards: _, ...links } = linksOf('late')
    const late = createClient({
      ...{ links, cluster: world.cluster, clock: world.clock, notice: () => undefined },
      random: { next: () => 0.5, id: () => 'late-client-0123' },
    })
    const error = await world.during(rejection(late.submit(double, 1, { deadlineMs: 700 })))
    expect(error).to.include({ code: 'no_leader' })
    const submitted = late.submit(double, 21, { id: idIn(6, 1) })
    await world.pass(1_000)
    const fact = world.open('founder').facts
    void fact.create(`covey.${world.cluster}.agreed.shards`, shardsFact.encode({ shards }))
    const job = await world.during(submitted)
    expect(await world.during(job.result())).to.equal(42)
    const waiting = rejection(late.submit(double, 1))
    await late.close()
    expect(await world.during(waiting)).to.include({ code: 'closed' })
  })

  it('refuses who takes it for one of another number, and shows a shard that nobody leads', async () => {
    const clientOf = (count: number): Client =>
      createClient({
        ...{ links: world.open(`of-${count}`), cluster: world.cluster, clock: world.clock, shards: count },
        ...{ notice: () => undefined, random: { next: () => 0.5, id: () => `client-of-${count}-0123` } },
      })
    const [third, wrong] = [clientOf(3), clientOf(shards * 2)]
    const ids = Array.from({ length: 40 }, (_, index) => `other-${index}`)
    const id = ids.find((each) => shardOf(each, 3) !== shardOf(each, shards)) ?? ''
    const error = await world.during(rejection(third.submit(double, 1, { id })))
    expect(error).to.include({ code: 'incompatible' })
    expect(error.message).to.equal(
      `job ${id} belongs to shard ${shardOf(id, shards)} of ${shards}, and not to shard ${shardOf(id, 3)}`,
    )
    const { shards: shown } = await world.during(wrong.status())
    expect(shown.map(({ leader }) => leader)).to.deep.equal([
      ...Array(shards).fill('m1'),
      ...Array(shards).fill(null),
    ])
    await Promise.all([wrong.close(), third.close()])
  })

  const linksOf = (name: string) => standIn(world.open(name), { shards })
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise<void>((resolve) => world.clock.setTimeout(resolve, 1))
  }
})
