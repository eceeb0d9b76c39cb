import { defaultLoad } from '@covey/actors'
import { expect } from 'chai'
import { defineWorkflow, type Extension } from 'covey'
import { rejection } from './client-world.js'
import { ClusterWorld } from './cluster-world.js'

describe('a cluster that limits its clients', () => {
  it('S-D2 takes all that a client submits at once, as fast as the client may and no faster', async () => {
    const world = new ClusterWorld()
    world.load = { ...defaultLoad, rates: { submit: { perSecond: 5, burst: 5 } } }
    const node = world.node('n1')
    await world.during(node.ready)
    const client = await world.client()
    const startMs = world.clock.now()
    const numbers = Array.from({ length: 20 }, (_, index) => index)
    const jobs = await world.during(Promise.all(numbers.map((number) => client.submit('double', number))))
    expect(world.clock.now() - startMs).to.be.within(3_000, 10_000)
    const results = await world.during(Promise.all(jobs.map((job) => job.result())))
    expect(results).to.deep.equal(numbers.map((number) => 2 * number))
    const { shards } = await world.during(client.status())
    expect(shards[0]?.limited).to.be.above(0)
    await world.close()
  })
})

describe('a workflow that takes longer than its timeout', () => {
  const told: Extension[] = []
  let finish = (): void => undefined
  const long = defineWorkflow({
    name: 'long',
    version: '1',
    timeout: 4_000,
    run: async ({ input, signal, extendTimeout }) => {
      if (input === 'asks') told.push(await extendTimeout())
      await new Promise<void>((resolve, reject) => {
        finish = resolve
        signal.addEventListener('abort', () => reject(signal.reason))
      })
      return 'in time'
    },
  })

  it('H17 completes in the time that it was given, also where its leader ends meanwhile, and has its timeout without', async () => {
    const world = new ClusterWorld()
    const [first, second] = [world.node('m1', ['manager']), world.node('m2', ['manager'])]
    const worker = world.node('w1', ['worker'], [long])
    await world.during(Promise.all([first.ready, second.ready, worker.ready]))
    const client = await world.client()
    const asking = await world.during(client.submit(long, 'asks'))
    await world.pass(500)
    expect(told).to.deep.equal([{ grantedMs: 2_000 }])
    const { shards } = await world.during(client.status())
    await world.during((shards[0]?.leader === 'm1' ? first : second).close())
    await world.pass(4_500)
    finish()
    expect(await world.during(asking.result())).to.equal('in time')
    const silent = await world.during(client.submit(long, 'is silent'))
    await world.pass(4_500)
    finish()
    expect(await world.during(rejection(silent.result()))).to.have.property('code', 'workflow_timeout')
    await world.close()
  })
})
