import type { Transition } from '@covey/protocol'
import { expect } from 'chai'
import { createClient } from '../../packages/covey/src/client/create-client.js'
import { KnownActors } from '../../packages/covey/src/transitions/known-actors.js'
import { ClientWorld, rejection } from './client-world.js'
import { ClusterWorld, double } from './cluster-world.js'
import { accepting } from './scripted-leader.js'

describe('a client of a shard whose log was restored', () => {
  it('K11 tells whoever leads how far it has seen the log', async () => {
    const world = new ClientWorld()
    const first = world.leader()
    const client = await world.client()
    await world.during(client.status())
    expect(first.frames.map(({ seen }) => seen)).to.deep.equal([undefined])
    await world.during(client.status())
    expect(first.frames.at(-1)?.seen).to.deep.equal({ streamEpoch: 1, sequence: 1, term: first.term })
    await world.close()
  })

  it('K11 tells the next leader the term of the one before, and once that has answered its own', async () => {
    const world = new ClientWorld()
    const leader = world.leader()
    const client = await world.client()
    await world.during(client.status())
    const before = leader.term
    Object.assign(leader, { term: 'ba9876543210', epoch: 2, sequence: 9 })
    for (let asked = 0; asked < 2; asked += 1) await world.during(client.status())
    const said = leader.frames.slice(-2).map(({ seen, seenBefore }) => [seen?.term, seenBefore])
    expect(said).to.deep.equal([
      [before, undefined],
      [leader.term, undefined],
    ])
    await world.close()
  })

  it('K11 has every shard claimed anew by `restored`, once for each call', async () => {
    const world = new ClusterWorld()
    const node = world.node('a')
    await world.during(node.ready)
    const client = await world.client()
    const job = await world.during(client.submit(double, 4))
    expect(await world.during(job.result())).to.equal(8)
    expect(await world.during(client.restored())).to.deep.equal({
      shards: [{ shard: 0, streamEpoch: 2 }],
      unheard: [],
    })
    expect((await world.during(client.status())).shards[0]).to.include({ streamEpoch: 2 })
    const next = await world.during(client.submit(double, 5))
    expect(await world.during(next.result())).to.equal(10)
    const { workflows } = await world.during(client.job(next.id))
    expect(workflows[0]?.token).to.match(/^2\./)
    expect(await world.during(client.restored())).to.deep.equal({
      shards: [{ shard: 0, streamEpoch: 3 }],
      unheard: [],
    })
    await world.close()
  })

  it('K11 says of each shard whether it was claimed anew, and of none it rejects', async () => {
    const world = new ClientWorld()
    const { clock } = world
    const client = createClient({
      ...{ links: world.open('several'), cluster: 'test', shards: 2, clock },
      ...{ random: { next: () => 0.5, id: () => 'several' }, notice: () => undefined },
    })
    const within = { deadlineMs: 1_000 }
    expect(await world.during(rejection(client.restored(within)))).to.include({ code: 'no_leader' })
    world.leader()
    const { shards, unheard } = await world.during(client.restored(within))
    expect(shards).to.deep.equal([{ shard: 0, streamEpoch: 1 }])
    expect(unheard.map(({ shard, error }) => [shard, error.code])).to.deep.equal([[1, 'no_leader']])
    await client.close()
    await world.close()
  })

  it('K11 has nothing claimed anew by a later command, where a call of `restored` found nobody', async () => {
    const world = new ClientWorld()
    // Who hears that its log goes on for ever leads no more.
    const leader = world.leader((command) => {
      const isDeaf = leader.frames.at(-1)?.seen?.sequence === Number.MAX_SAFE_INTEGER
      return isDeaf ? undefined : accepting(command)
    })
    const client = await world.client()
    await world.during(client.status())
    const error = await world.during(rejection(client.restored({ deadlineMs: 3_000 })))
    expect(error).to.include({ code: 'no_leader' })
    await world.during(client.status())
    const said = leader.frames.map(({ seen }) => seen?.sequence)
    expect(said).to.include(Number.MAX_SAFE_INTEGER)
    expect(said.at(-1)).to.equal(1)
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
