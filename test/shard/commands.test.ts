import { type CancelOutcome, packValue } from '@covey/protocol'
import { expect } from 'chai'
import { step } from './scripted-client.js'
import { ShardScene } from './shard-scene.js'

describe('commands of clients', () => {
  let scene: ShardScene

  beforeEach(async () => {
    scene = new ShardScene()
    await scene.lead('m1')
  })
  afterEach(() => scene.close())

  const cancelOutcomes = async (
    job: string,
    only?: string,
  ): Promise<CancelOutcome[] | string | undefined> => {
    const answer = await scene.settled(scene.client.cancel(job, only))
    if (answer?.type === 'cancelled') return answer.outcomes.map(({ outcome }) => outcome)
    return answer?.type === 'error' ? answer.error.code : answer?.type
  }

  it('H4 of five cancels of one running workflow exactly one is the one that did it', async () => {
    const worker = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    const { token, workflow } = await scene.dispatch(worker)
    worker.report({ kind: 'started', token, workflow, credits: [] })
    await scene.world.run(50)
    const answers = await scene.settled(
      Promise.all(Array.from({ length: 5 }, () => scene.client.cancel('job'))),
    )
    const outcomes = answers.map((answer) =>
      answer?.type === 'cancelled' ? answer.outcomes[0]?.outcome : undefined,
    )
    expect(outcomes.filter((outcome) => outcome === 'CANCELLED')).to.have.length(1)
    expect(outcomes.filter((outcome) => outcome === 'ALREADY_CANCELLED')).to.have.length(4)
    await scene.world.until('the order', () => worker.cancels.some((order) => order.token === token))
    worker.report({ kind: 'cancelled', token, workflow, credits: [] })
    await scene.world.until('the end', () => worker.logged.includes(token))
    expect(await scene.stateOf('job/main')).to.equal('cancelled')
  })

  it('H4 a pending workflow, a completed one and an unknown one are each answered as what they are', async () => {
    await scene.settled(scene.client.submit('pending'))
    expect(await cancelOutcomes('pending')).to.deep.equal(['PENDING_CANCELLED'])
    const worker = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('done'))
    worker.complete(await scene.dispatch(worker), 1, [2])
    await scene.world.until('the end', () => worker.logged.length === 1)
    expect(await cancelOutcomes('done')).to.deep.equal(['ALREADY_COMPLETED'])
    expect(await cancelOutcomes('unknown')).to.equal('not_found')
    expect(await cancelOutcomes('done', 'unknown')).to.equal('not_found')
  })

  it('H4 a cancelled workflow takes its dependents with it, once each, also through a diamond', async () => {
    const diamond = [
      step('top'),
      step('left', ['top']),
      step('right', ['top']),
      step('end', ['left', 'right']),
    ]
    await scene.settled(scene.client.submit('job', diamond))
    expect(await cancelOutcomes('job', 'top')).to.deep.equal(Array(4).fill('PENDING_CANCELLED'))
  })

  it('K39 a result that comes while its workflow is being cancelled ends it as cancelled', async () => {
    const worker = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    const dispatch = await scene.dispatch(worker)
    expect(await cancelOutcomes('job')).to.deep.equal(['CANCELLED'])
    worker.complete(dispatch, 'too late')
    await scene.world.until('the end', () => worker.logged.includes(dispatch.token))
    const answer = await scene.settled(scene.client.command({ type: 'result.get', workflow: 'job/main' }))
    expect(answer?.type === 'outcome' && answer.outcome).to.deep.include({ state: 'cancelled', ended: true })
    expect(answer?.type === 'outcome' && answer.outcome.result).to.equal(undefined)
  })

  it('H8 a cancel is carried out by the next leader', async () => {
    const worker = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    const { token, workflow } = await scene.dispatch(worker)
    await scene.settled(scene.client.cancel('job'))
    scene.world.manager('m2')
    await scene.world.run(500)
    scene.world.crash('m1')
    scene.world.members.end('m1', 'exited')
    worker.cancels.length = 0
    await scene.world.until('the order again', () => worker.cancels.some((order) => order.token === token))
    worker.report({ kind: 'burnt', token, workflow, credits: [], reason: 'never started' })
    await scene.world.until('the end', () => worker.logged.includes(token))
    expect(await scene.stateOf('job/main')).to.equal('cancelled')
  })

  it('H24 concurrent submissions are all accepted and tracked under their own ids', async () => {
    const jobs = Array.from({ length: 50 }, (_, index) => `job-${index}`)
    const answers = await scene.settled(Promise.all(jobs.map((job) => scene.client.submit(job))))
    expect(answers.map((answer) => answer?.type)).to.deep.equal(jobs.map(() => 'submitted'))
    for (const job of jobs) expect(await scene.stateOf(`${job}/main`)).to.equal('queued')
  })

  it('H24 a workflow that is cancelled while it runs ends as cancelled and executes no more', async () => {
    const worker = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    const { token, workflow } = await scene.dispatch(worker)
    await scene.settled(scene.client.cancel('job'))
    worker.report({ kind: 'cancelled', token, workflow, credits: [2] })
    await scene.world.run(10_000)
    expect(worker.dispatches).to.have.length(1)
    expect(await scene.stateOf('job/main')).to.equal('cancelled')
  })

  it('a submit is idempotent by id, and refused where the id stands for other content', async () => {
    expect(await scene.settled(scene.client.submit('job'))).to.include({ type: 'submitted', again: false })
    expect(await scene.settled(scene.client.submit('job'))).to.include({ type: 'submitted', again: true })
    const other = await scene.settled(scene.client.submit('job', [step('main')], 'other'))
    expect(other?.type === 'error' && other.error.code).to.equal('id_conflict')
  })

  it('K37 a dependency that fails skips its dependents in the same apply and fails the job', async () => {
    const worker = await scene.worker('w1', 2, { attempts: 1 })
    const chain = [step('a'), step('b', ['a']), step('c', ['b'])]
    await scene.settled(scene.client.submit('job', chain))
    const { token, workflow } = await scene.dispatch(worker)
    const error = { code: 'workflow_failed' as const, message: 'broken' }
    worker.report({ kind: 'failed', token, workflow, credits: [], error, retryable: true })
    await scene.world.until('the end', () => worker.logged.includes(token))
    const answer = await scene.settled(scene.client.command({ type: 'job.get', job: 'job', after: 0 }))
    if (answer?.type !== 'job') throw new Error('no job')
    expect(answer.state).to.equal('failed')
    expect(answer.workflows.map(({ state }) => state)).to.deep.equal(['failed', 'skipped', 'skipped'])
  })

  it('hands the results of dependencies to the dependent', async () => {
    const worker = await scene.worker('w1', 2)
    await scene.settled(scene.client.submit('job', [step('a'), step('b', ['a'])]))
    worker.complete(await scene.dispatch(worker), { count: 3 }, [5])
    const { results } = await scene.dispatch(worker, 1)
    expect(Object.keys(results ?? {})).to.deep.equal(['a'])
    expect(Buffer.from(results?.a ?? [])).to.deep.equal(Buffer.from(packValue({ count: 3 })))
  })

  it('refuses a job that goes round in a circle, and a workflow that nobody offers', async () => {
    const circle = await scene.settled(scene.client.submit('circle', [step('a', ['b']), step('b', ['a'])]))
    expect(circle?.type === 'error' && circle.error.code).to.equal('invalid_job')
    const worker = await scene.worker('w1', 1)
    await scene.world.run(2_000)
    await scene.settled(worker.renew())
    await scene.world.run(2_000)
    const unknown = await scene.settled(scene.client.submit('typo', [step('main', [], 'wrok')]))
    expect(unknown?.type === 'error' && unknown.error.code).to.equal('unknown_workflow')
    expect(unknown?.type === 'error' && unknown.error.mend).to.contain('work')
  })
})
