import { expect } from 'chai'
import { ShardScene } from './shard-scene.js'

describe('leader whose queue is full', function () {
  // Much to compute, on a machine that may be busy.
  this.timeout(60_000)
  let scene: ShardScene

  beforeEach(async () => {
    scene = new ShardScene()
    await scene.lead('m1')
  })
  afterEach(() => scene.close())

  const queued = (): number => scene.world.find('m1').part.read()[0]?.queuedEvents ?? 0

  /** Many cancels of one job and of one that is not there, then one by filter; their answers come when the log goes on. */
  const stormOfCancels = () => {
    const storm = Array.from({ length: 300 }, (_, index) => ({
      ...{ type: 'job.cancel' as const, job: index % 2 === 0 ? 'one' : 'nobody', reason: '' },
    }))
    const sweep = { type: 'jobs.cancel' as const, reason: '', filter: { job: 't*' } }
    return Promise.all([scene.client.commands(storm, 60_000), scene.client.commands([sweep], 60_000)])
  }

  it('H7 refuses what is new and takes every cancel, before all that waits; work and due times come later', async () => {
    const worker = await scene.worker('w1', 1, { backoffMs: 600, backoffFactor: 1 })
    await scene.settled(scene.client.submit('failing'))
    for (const job of ['waiting', 'one', 'two', 'three']) await scene.settled(scene.client.submit(job))
    const { token, workflow } = await scene.dispatch(worker)
    const error = { code: 'workflow_failed' as const, message: 'broken' }
    worker.report({ kind: 'failed', token, workflow, credits: [], error, retryable: true })
    await scene.world.until('the word', () => worker.logged.includes(token))
    scene.world.broker.faults.lostWrite = 1
    const [refused] = await scene.settled(
      Promise.all([scene.world.run(5).then(() => scene.client.submit('late')), scene.fillQueue('waiting')]),
    )
    expect(refused?.type === 'error' && refused.error.code).to.equal('overloaded')
    const full = queued()
    const answers = stormOfCancels()
    await scene.world.run(50)
    expect(queued() - full, 'no more of a storm than there is to cancel').to.equal(3)
    const before = scene.world.find('m1').part.read()[0]?.sequence ?? 0
    worker.credits = [5, 6]
    const renewed = worker.renew()
    await scene.world.run(1_000)
    scene.world.broker.faults.lostWrite = 0
    await scene.settled(renewed)
    const [storm, [swept]] = await scene.settled(answers)
    const count = (wanted: string): number =>
      storm.filter((answer) => answer.type === 'cancelled' && answer.outcomes[0]?.outcome === wanted).length
    expect([count('PENDING_CANCELLED'), count('ALREADY_CANCELLED')]).to.deep.equal([1, 149])
    expect(storm.filter(({ type }) => type === 'error')).to.have.length(150)
    expect(swept).to.deep.include({ type: 'swept', jobs: 2, cancelled: 2 })
    expect(swept)
      .to.have.property('sequence')
      .that.is.at.most(before + 2)
    await scene.dispatch(worker, 2)
    expect(
      worker.dispatches
        .map((dispatch) => dispatch.workflow)
        .slice(1)
        .toSorted(),
    ).to.deep.equal(['failing/main', 'waiting/main'])
    expect(scene.world.leaders()).to.deep.equal(['m1'])
  })
})
