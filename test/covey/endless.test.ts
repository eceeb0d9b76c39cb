import { expect } from 'chai'
import { defineWorkflow } from 'covey'
import { rejection } from './client-world.js'
import { ClusterWorld } from './cluster-world.js'

/** Its signal says nothing to it. */
const endless = defineWorkflow({
  name: 'endless',
  version: '1',
  timeout: '1 s',
  retry: { attempts: 1 },
  run: () => new Promise<never>(() => undefined),
})
/** It ends when its signal says so, late or not. */
const obedient = defineWorkflow({
  name: 'obedient',
  version: '1',
  timeout: '1 s',
  retry: { attempts: 2, backoff: '10 ms' },
  run: ({ signal }) =>
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason))
    }),
})

describe('A workflow that never ends', () => {
  let world: ClusterWorld
  beforeEach(() => {
    world = new ClusterWorld()
  })
  afterEach(() => world.close())

  it('fails at its timeout, once for each of its attempts, where it obeys its signal', async () => {
    await world.during(world.node('a', undefined, [obedient]).ready)
    const client = await world.client()
    const job = await world.during(client.submit(obedient, undefined, { id: 'job' }))
    const error = await world.during(rejection(job.result()))
    expect(error).to.include({ code: 'workflow_timeout', attempt: 2 })
  })

  it('and does not obey keeps its job until that is cancelled and its worker leaves', async () => {
    await world.during(world.node('a', ['manager'], []).ready)
    const worker = world.node('b', ['worker'], [endless])
    await world.during(worker.ready)
    const client = await world.client()
    const job = await world.during(client.submit(endless, undefined, { id: 'job' }))
    const early = await world.during(rejection(job.result({ deadlineMs: 60_000 })))
    expect(early).to.have.property('code', 'deadline')
    const { outcomes } = await world.during(client.cancel('job'))
    expect(outcomes).to.deep.equal([{ id: 'job/main', outcome: 'CANCELLED' }])
    await world.during(worker.leave())
    expect(await world.during(rejection(job.result()))).to.have.property('code', 'workflow_cancelled')
  })
})
