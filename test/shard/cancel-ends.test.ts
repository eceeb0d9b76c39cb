import { outboxMessage, packValue, singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import { ShardScene } from './shard-scene.js'

const { workerLeaseMs, reconcileIntervalMs } = singleServerTimings

describe('the end of a cancel', () => {
  let scene: ShardScene

  beforeEach(async () => {
    scene = new ShardScene()
    await scene.lead('m1')
  })
  afterEach(() => scene.close())

  const takeOver = async (): Promise<void> => {
    scene.world.crash('m1')
    Object.assign(scene.world.broker.faults, { lostWrite: 0, lostAcknowledgement: 0 })
    scene.world.members.end('m1', 'exited')
    await scene.leader()
  }
  const outcomeOf = async (job: string) => {
    const answer = await scene.settled(scene.client.cancel(job))
    return answer?.type === 'cancelled' ? answer.outcomes[0]?.outcome : answer?.type
  }

  it('H7 of a hundred workflows whose workers say nothing comes with the end of their generations and leases', async () => {
    const workers = [await scene.worker('w1', 50), await scene.worker('w2', 50)]
    const jobs = Array.from({ length: 100 }, (_, index) => `job-${index}`)
    await scene.settled(Promise.all(jobs.map((job) => scene.client.submit(job))))
    const given = (): number => workers.reduce((sum, { dispatches }) => sum + dispatches.length, 0)
    await scene.world.until('all dispatches', () => given() === 100)
    const filter = { job: 'job-*' }
    const answer = await scene.settled(
      scene.client.command({ type: 'jobs.cancel', reason: 'enough', filter }),
    )
    expect(answer).to.include({ type: 'swept', jobs: 100, cancelled: 0, cancelling: 100 })
    const { workflows } = scene.world.find('m1').part.read()[0] ?? {}
    for (const { name, generation } of workers) scene.world.members.end(name, 'crashed', generation)
    expect(workflows).to.include({ cancelling: 100 })
    await scene.world.until(
      'the end',
      () => workflows?.cancelled === 100,
      workerLeaseMs + 2 * reconcileIntervalMs,
    )
  })

  it('H7 comes although the order and the word on it are lost again and again', async () => {
    const worker = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    const { token, workflow } = await scene.dispatch(worker)
    expect(await outcomeOf('job')).to.equal('CANCELLED')
    for (let orders = 1; orders <= 3; orders += 1) {
      await scene.world.until('one more order', () => worker.cancels.length >= orders)
    }
    worker.report({ kind: 'cancelled', token, workflow, credits: [] })
    await scene.world.until('the end', () => worker.logged.includes(token))
    expect(await scene.stateOf('job/main')).to.equal('cancelled')
  })

  it('H8 comes where the leader dies before the cancel is in the log: its caller asks the next one', async () => {
    const worker = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    const { token } = await scene.dispatch(worker)
    scene.world.manager('m2')
    await scene.world.run(500)
    scene.world.broker.faults.lostWrite = 1
    expect(
      await scene.settled(scene.client.command({ type: 'job.cancel', job: 'job', reason: '' }, 50)),
    ).to.equal(undefined)
    await takeOver()
    expect(await outcomeOf('job')).to.equal('CANCELLED')
    await scene.world.until('the order', () => worker.cancels.some((order) => order.token === token))
  })

  it('H8 comes where the leader dies with the cancel in the log and nobody told', async () => {
    const worker = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    const { token, workflow } = await scene.dispatch(worker)
    scene.world.manager('m2')
    await scene.world.run(500)
    scene.world.broker.faults.lostAcknowledgement = 1
    void scene.client.command({ type: 'job.cancel', job: 'job', reason: '' }, 10)
    await scene.world.run(20)
    expect(worker.cancels).to.deep.equal([])
    await takeOver()
    await scene.world.until('the order', () => worker.cancels.some((order) => order.token === token))
    expect(await outcomeOf('job')).to.equal('ALREADY_CANCELLED')
    worker.report({ kind: 'cancelled', token, workflow, credits: [2] })
    await scene.world.until('the end', () => worker.logged.includes(token))
    expect(await scene.stateOf('job/main')).to.equal('cancelled')
  })

  it('H8 is final: no late word, letter, renewal or end of a worker revives what was cancelled', async () => {
    const worker = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    const dispatch = await scene.dispatch(worker)
    const { token, workflow } = dispatch
    expect(await outcomeOf('job')).to.equal('CANCELLED')
    worker.report({ kind: 'cancelled', token, workflow, credits: [] })
    await scene.world.until('the end', () => worker.logged.includes(token))
    worker.report({ kind: 'started', token, workflow, credits: [] })
    worker.complete(dispatch, 'late')
    const report = { kind: 'completed' as const, token, workflow, credits: [], result: packValue('later') }
    const letter = outboxMessage.encode({ worker: 'w1', generation: 1, report })
    await scene.settled(
      worker.links.outbox.create(scene.world.subjects.outbox(0, 'w1', 1, workflow, token), letter),
    )
    worker.held = [{ token, workflow }]
    worker.credits = [7, 8]
    await scene.settled(worker.renew())
    await scene.world.run(2 * reconcileIntervalMs)
    scene.world.members.end('w1', 'crashed')
    const other = await scene.worker('w2', 2)
    await scene.world.run(2 * workerLeaseMs)
    const answer = await scene.settled(scene.client.command({ type: 'result.get', workflow }))
    expect(answer?.type === 'outcome' && answer.outcome).to.include({ state: 'cancelled', ended: true })
    expect(answer?.type === 'outcome' && answer.outcome.result).to.equal(undefined)
    expect([worker.dispatches.length, other.dispatches.length]).to.deep.equal([1, 0])
    expect(await outcomeOf('job')).to.equal('ALREADY_CANCELLED')
  })
})
