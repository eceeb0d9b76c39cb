import { batchMessage } from '@covey/protocol'
import { expect } from 'chai'
import { ShardScene } from './shard-scene.js'

describe('credits of workers', () => {
  let scene: ShardScene

  beforeEach(() => {
    scene = new ShardScene()
  })
  afterEach(() => scene.close())

  const submit = async (...jobs: string[]): Promise<void> => {
    await scene.settled(Promise.all(jobs.map((job) => scene.client.submit(job))))
  }

  it('K10 an attempt takes a credit for each of its slots', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 3, { slots: 2 })
    await submit('first', 'second')
    const { credits } = await scene.dispatch(worker)
    expect(credits).to.have.length(2)
    await scene.world.run(500)
    expect(worker.dispatches).to.have.length(1)
  })

  it('K10 a credit that a renewal lists no more is not used', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 2)
    worker.credits = []
    await scene.settled(worker.renew())
    await submit('job')
    await scene.world.run(500)
    expect(await scene.stateOf('job/main')).to.equal('queued')
  })

  it('K10 a credit that its worker took back while it was proposed does not come back with the proposal', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 0)
    await submit('first')
    Object.assign(scene.world.broker.faults, { latencyMinMs: 10, latencyMaxMs: 10 })
    // The log has cancel, then assigned with credit 1, which changes nothing; a renewal without it comes in between.
    const cancelled = scene.client.cancel('first')
    worker.credits = [1]
    const renewals = [worker.renew()]
    await scene.world.run(5)
    worker.credits = []
    renewals.push(worker.renew())
    await scene.settled(Promise.all([cancelled, ...renewals]))
    Object.assign(scene.world.broker.faults, { latencyMinMs: 0.1, latencyMaxMs: 0.5 })
    await submit('second')
    await scene.world.run(300)
    expect(worker.dispatches).to.deep.equal([])
    worker.credits = [2]
    await scene.settled(worker.renew())
    expect((await scene.dispatch(worker)).credits).to.deep.equal([2])
  })

  it('K10 credits given to an older epoch do not count, by a renewal or by a word', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 2)
    await submit('first')
    const first = await scene.dispatch(worker)
    scene.world.broker.cut('w1', 'toProcess')
    scene.world.manager('m2')
    await scene.world.run(500)
    scene.world.crash('m1')
    scene.world.members.end('m1', 'exited')
    await scene.leader()
    await submit('second')
    const renewed = worker.renew()
    worker.complete(first, 1, [7])
    await scene.world.run(500)
    expect(await scene.stateOf('first/main')).to.equal('completed')
    expect(await scene.stateOf('second/main')).to.equal('queued')
    scene.world.broker.heal('w1')
    await scene.settled(renewed)
    expect((await scene.dispatch(worker, 1)).workflow).to.equal('second/main')
  })

  it('K10 a late word of an older epoch gives no credit to a leader that has been answered', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 1)
    await submit('first')
    const first = await scene.dispatch(worker)
    worker.epoch = 0
    worker.complete(first, 1, [7])
    await submit('second')
    await scene.world.run(500)
    expect(await scene.stateOf('first/main')).to.equal('completed')
    expect(await scene.stateOf('second/main')).to.equal('queued')
  })

  it('K10 a credit that is named by a word and by a renewal is one credit', async () => {
    Object.assign(scene.world.broker.faults, { latencyMinMs: 10, latencyMaxMs: 10 })
    await scene.lead('m1')
    const worker = await scene.worker('w1', 1)
    await submit('first')
    const first = await scene.dispatch(worker)
    worker.complete(first, 1, [5])
    worker.credits = [5]
    const renewed = worker.renew()
    await submit('second', 'third')
    await scene.settled(renewed)
    await scene.world.run(500)
    expect(worker.dispatches.flatMap(({ credits }) => credits)).to.deep.equal([1, 5])
  })

  it('K10 gives each workflow out once, while many assignments and credits are on their way', async () => {
    Object.assign(scene.world.broker.faults, { latencyMinMs: 10, latencyMaxMs: 30 })
    await scene.lead('m1')
    const worker = await scene.worker('w1', 40)
    const jobs = Array.from({ length: 30 }, (_, index) => `job-${index}`)
    const links = scene.world.broker.open('reader')
    const assigned: string[] = []
    links.log(0).follow(0, {
      onEntry: ({ subject, data }) => {
        if (subject !== scene.world.subjects.batch(0)) return
        for (const event of batchMessage.decode(data).events) {
          if (event.type === 'workflow.assigned') assigned.push(event.workflow)
        }
      },
    })
    const submitted = submit(...jobs)
    for (let round = 0; round < 5; round += 1) await scene.settled(worker.renew())
    await submitted
    await scene.dispatch(worker, jobs.length - 1)
    await scene.world.run(500)
    const expected = jobs.map((job) => `${job}/main`).toSorted()
    expect(worker.dispatches.map(({ workflow }) => workflow).toSorted()).to.deep.equal(expected)
    expect(assigned.toSorted()).to.deep.equal(expected)
    await scene.world.closeLinks(links)
    expect(new Set(worker.dispatches.flatMap(({ credits }) => credits)).size).to.equal(jobs.length)
  })
})
