import type { Transition } from '@covey/protocol'
import { expect } from 'chai'
import { KnownActors } from '../../packages/covey/src/transitions/known-actors.js'
import { ClientWorld } from './client-world.js'
import { ClusterWorld, double } from './cluster-world.js'

describe('a client of a shard whose log was restored', () => {
  it('K11 tells whoever leads how far it has seen the log', async () => {
    const world = new ClientWorld()
    const first = world.leader()
    const client = await world.client()
    await world.during(client.status())
    expect(first.frames.map(({ seen }) => seen)).to.deep.equal([undefined])
    await world.during(client.status())
    expect(first.frames.at(-1)?.seen).to.deep.equal({ streamEpoch: 1, sequence: 1 })
    await world.close()
  })

  it('K11 has every shard claimed anew by `restored`, once for each call', async () => {
    const world = new ClusterWorld()
    const node = world.node('a')
    await world.during(node.ready)
    const client = await world.client()
    const job = await world.during(client.submit(double, 4))
    expect(await world.during(job.result())).to.equal(8)
    expect(await world.during(client.restored())).to.deep.equal([{ shard: 0, streamEpoch: 2 }])
    expect((await world.during(client.status())).shards[0]).to.include({ streamEpoch: 2 })
    const next = await world.during(client.submit(double, 5))
    expect(await world.during(next.result())).to.equal(10)
    const { workflows } = await world.during(client.job(next.id))
    expect(workflows[0]?.token).to.match(/^2\./)
    expect(await world.during(client.restored())).to.deep.equal([{ shard: 0, streamEpoch: 3 }])
    await world.close()
  })

  it('K11 is told what happens at sequences that it has been told of, once the stream epoch is higher', () => {
    const known = new KnownActors()
    const at = (sequence: number, to: string, streamEpoch?: number): Transition => ({
      ...{ node: 'm', generation: 1, kind: 'workflow', actor: 'job/main', from: '', event: '', elapsedMs: 0 },
      ...{ to, at: { shard: 0, sequence, index: 0, ...(streamEpoch && { streamEpoch }) } },
    })
    expect(known.learn(at(900, 'running'))).to.equal(true)
    expect(known.learn(at(850, 'completed'))).to.equal(false)
    expect(known.learn(at(850, 'completed', 2))).to.equal(true)
    expect(known.learn(at(901, 'running'))).to.equal(false)
  })
})
