import { batchMessage, outboxMessage, packValue, singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import { ShardScene } from './shard-scene.js'

const { reconcileIntervalMs } = singleServerTimings

describe('words of workers', () => {
  let scene: ShardScene

  beforeEach(() => {
    scene = new ShardScene()
  })
  afterEach(() => scene.close())

  it('K9 a word that is repeated is confirmed again, and logged once', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    const dispatch = await scene.dispatch(worker)
    const events: string[] = []
    worker.links.log(0).follow(0, {
      onEntry: ({ subject, data }) => {
        if (subject !== scene.world.subjects.batch(0)) return
        events.push(...batchMessage.decode(data).events.map(({ type }) => type))
      },
    })
    worker.complete(dispatch, 1)
    worker.complete(dispatch, 1)
    await scene.world.until('the word', () => worker.logged.length > 0)
    worker.complete(dispatch, 1)
    await scene.world.until('the word again', () => worker.logged.length > 1)
    expect(worker.logged).to.deep.equal([dispatch.token, dispatch.token])
    expect(events.filter((type) => type === 'workflow.completed')).to.have.length(1)
  })

  it('K9 a result that comes directly and by the outbox is one result', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    const { token, workflow } = await scene.dispatch(worker)
    const report = { kind: 'completed' as const, token, workflow, credits: [], result: packValue('stored') }
    const data = outboxMessage.encode({ worker: 'w1', generation: 1, report })
    const created = worker.links.outbox.create(scene.world.subjects.outbox(0, 'w1', 1, workflow, token), data)
    worker.report({ ...report, credits: [4] })
    await scene.settled(created)
    await scene.world.until('the word', () => worker.logged.includes(token))
    await scene.settled(scene.client.submit('next'))
    worker.credits = [4]
    await scene.settled(worker.renew())
    expect((await scene.dispatch(worker, 1)).credits).to.deep.equal([4])
    await scene.world.run(500)
    expect(worker.dispatches).to.have.length(2)
  })

  it('H4 a cancel is ordered at once, and not only when the leader looks again', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    const { token } = await scene.dispatch(worker)
    await scene.settled(scene.client.cancel('job'))
    await scene.world.run(1)
    expect(worker.cancels.map((order) => order.token)).to.deep.equal([token])
  })

  it('K5 what a worker holds under a token that is not the newest is stopped', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 2)
    await scene.settled(scene.client.submit('job'))
    const { token, workflow } = await scene.dispatch(worker)
    worker.report({ kind: 'burnt', token, workflow, credits: [], reason: 'never started' })
    const second = await scene.dispatch(worker, 1)
    worker.held = [
      { token, workflow },
      { token: second.token, workflow },
    ]
    await scene.settled(worker.renew())
    expect(worker.cancels.map((order) => order.token)).to.deep.equal([token])
  })

  it('K5 what a worker holds of a workflow that has ended is stopped', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    const dispatch = await scene.dispatch(worker)
    worker.complete(dispatch, 1)
    await scene.world.until('the word', () => worker.logged.length > 0)
    worker.held = [dispatch]
    await scene.settled(worker.renew())
    expect(worker.cancels.map((order) => order.token)).to.deep.equal([dispatch.token])
  })

  it('K11 a word on a workflow that the log does not have is not confirmed', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 1)
    const report = { kind: 'completed' as const, credits: [], result: packValue(1) }
    worker.report({ ...report, token: '1.9.999.0', workflow: 'unknown/main' })
    await scene.world.run(1_000)
    expect(worker.logged).to.deep.equal([])
  })

  it('K4 an attempt is asked about when it was quiet for two looks, not at the first', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    await scene.dispatch(worker)
    const fromMs = scene.world.clock.now()
    await scene.world.until('a question', () => worker.questions.length > 0)
    expect(scene.world.clock.now() - fromMs).to.be.within(reconcileIntervalMs, 2 * reconcileIntervalMs + 10)
  })

  it('K9 a new leader gives nothing out before it has read the outbox to its end', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    const { token, workflow } = await scene.dispatch(worker)
    scene.world.members.end('w1', 'exited')
    await scene.world.run(100)
    expect(await scene.stateOf('job/main')).to.equal('queued')
    scene.world.crash('m1')
    const report = { kind: 'completed' as const, token, workflow, credits: [], result: packValue(1) }
    const subject = scene.world.subjects.outbox(0, 'w1', 1, workflow, token)
    const data = outboxMessage.encode({ worker: 'w1', generation: 1, report })
    await scene.settled(worker.links.outbox.create(subject, data))
    scene.world.outbox.toldAfterMs = 2 * reconcileIntervalMs
    scene.world.manager('m2')
    await scene.leader()
    const other = await scene.worker('w2', 1)
    await scene.world.run(3 * reconcileIntervalMs)
    expect(await scene.stateOf('job/main')).to.equal('completed')
    expect(other.dispatches).to.deep.equal([])
  })

  for (const ending of ['worker.ended at once', 'worker.ended at a look'] as const) {
    it(`K9 a new leader reads the outbox to its end before it looks at anything else: ${ending}`, async () => {
      await scene.lead('m1')
      const worker = await scene.worker('w1', 1, { exclusive: false })
      await scene.settled(scene.client.submit('job'))
      const { token, workflow } = await scene.dispatch(worker)
      const report = { kind: 'completed' as const, token, workflow, credits: [], result: packValue(1) }
      const subject = scene.world.subjects.outbox(0, 'w1', 1, workflow, token)
      const data = outboxMessage.encode({ worker: 'w1', generation: 1, report })
      scene.world.crash('m1')
      await scene.settled(worker.links.outbox.create(subject, data))
      scene.world.outbox.toldAfterMs = 2 * reconcileIntervalMs
      scene.world.manager('m2')
      if (ending === 'worker.ended at a look') scene.world.members.end('w1', 'exited')
      await scene.leader()
      const other = await scene.worker('w2', 1)
      if (ending === 'worker.ended at once') scene.world.members.end('w1', 'exited')
      await scene.settled(other.renew())
      await scene.world.run(reconcileIntervalMs + 100)
      expect(await scene.stateOf('job/main')).to.equal('assigned')
      await scene.world.run(2 * reconcileIntervalMs)
      expect(await scene.stateOf('job/main')).to.equal('completed')
      expect(other.dispatches).to.deep.equal([])
    })
  }
})
