import { type ErrorReport, limits, packValue } from '@covey/protocol'
import { expect } from 'chai'
import { FoldedLog, work } from './folded-log.js'
import { step } from './scripted-client.js'
import { ShardScene } from './shard-scene.js'

const bytes = (text: string): Uint8Array => packValue(text)
const error: ErrorReport = { code: 'workflow_failed', message: 'broken' }

describe('What an attempt counts', () => {
  let log: FoldedLog

  beforeEach(() => {
    log = new FoldedLog()
    log.submit('job', [work('a'), work('b')])
  })

  const completed = (token: string, statistics = bytes(token), workflow = 'job/a') =>
    ({ type: 'workflow.completed', workflow, token, result: packValue(1), statistics }) as const
  const failed = (token: string, retryable: boolean) =>
    ({
      type: 'workflow.failed',
      workflow: 'job/a',
      token,
      error,
      retryable,
      jitter: 0,
      statistics: bytes(token),
    }) as const
  const counted = (of = log): string[] =>
    (of.state.jobs.get('job')?.counted ?? []).map(({ step: of, token }) => `${of} ${token}`)

  it('counts once, by the word that ends its workflow, whatever is said again or late', () => {
    const token = log.assign('job/a')
    log.batch([completed(token), completed(token)])
    log.batch([completed(token), failed(token, false)])
    expect(counted()).to.deep.equal([`a ${token}`])
    expect(counted(log.again())).to.deep.equal([`a ${token}`])
  })

  it('counts nothing where it is tried again, and counts where no attempt is left', () => {
    const tokens: string[] = []
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const token = log.assign('job/a')
      tokens.push(token)
      log.batch([{ type: 'workflow.started', workflow: 'job/a', token }, failed(token, true)])
      if (attempt === 3) break
      expect([log.stateOf('job/a'), counted()]).to.deep.equal(['backingOff', []])
      const armedAt = log.state.workflows.get('job/a')?.due?.armedAt ?? ''
      log.batch([{ type: 'timer.due', workflow: 'job/a', armedAt }])
    }
    expect([log.stateOf('job/a'), counted()]).to.deep.equal(['failed', [`a ${tokens.at(-1)}`]])
  })

  it('counts nothing where its worker was lost, or it was cancelled', () => {
    const lost = log.assign('job/a')
    const [worker, generation] = ['w1', 1]
    log.batch([{ type: 'worker.ended', worker, generation, how: 'crashed' }])
    log.batch([{ type: 'lease.over', worker, generation }])
    const next = log.assign('job/a', 'w2')
    log.batch([completed(lost)])
    expect(counted()).to.deep.equal([])
    log.batch([completed(next)])
    const stopped = log.assign('job/b', 'w2')
    log.batch([{ type: 'cancel.requested', job: 'job', reason: 'no' }])
    log.batch([completed(stopped, bytes('late'), 'job/b')])
    expect([log.stateOf('job/b'), counted()]).to.deep.equal(['cancelled', [`a ${next}`]])
  })

  it('goes with its job, and its bytes count in what is kept', () => {
    log.retention = { workflows: 1_000, bytes: 5_000, ms: 1_000_000 }
    log.claim(2)
    for (const workflow of ['job/a', 'job/b']) {
      const token = log.assign(workflow)
      log.batch([completed(token, packValue('x'.repeat(1_000)), workflow)])
    }
    expect([...log.state.jobs.keys()]).to.deep.equal(['job'])
    log.submit('large', [work('a')])
    const token = log.assign('large/a')
    log.batch([completed(token, packValue('x'.repeat(3_000)), 'large/a')])
    expect([...log.state.jobs.keys()]).to.deep.equal(['large'])
  })
})

describe('Statistics of a job at its leader', () => {
  let scene: ShardScene

  beforeEach(async () => {
    scene = new ShardScene()
    scene.world.keeping = { ...scene.world.keeping, snapshotEvents: 20 }
    await scene.lead('m1')
  })
  afterEach(() => scene.close())

  const page = async (after = 0, job = 'job') => {
    const answer = await scene.settled(scene.client.command({ type: 'statistics.get', job, after }))
    if (answer?.type === 'error') return answer.error.code
    if (answer?.type !== 'statistics') throw new Error(`the answer is ${answer?.type}`)
    const { state, total, counted } = answer
    return {
      state,
      total,
      counted: counted.map(({ step: of, token, value }) => [of, token, value.byteLength]),
    }
  }

  it('are told in pages that fit, in the order of the ends, and by the next leader from its snapshot too', async () => {
    const steps = ['a', 'b', 'c', 'd', 'e']
    const worker = await scene.worker('w1', steps.length)
    await scene.settled(
      scene.client.submit(
        'job',
        steps.map((one) => step(one)),
      ),
    )
    await scene.dispatch(worker, steps.length - 1)
    expect(await page()).to.deep.equal({ state: 'running', total: 0, counted: [] })
    const size = limits.statisticsBytesMax
    const order = worker.dispatches.toReversed()
    for (const { token, workflow } of order.slice(0, -1))
      worker.report({
        kind: 'completed',
        token,
        workflow,
        credits: [],
        result: bytes('r'),
        statistics: new Uint8Array(size),
      })
    const last = order.at(-1)
    // A page cannot hold more than one, beside what else is in it.
    const named = order.map(({ workflow, token }) => [workflow.slice('job/'.length), token, size])
    await scene.world.until('all are logged', () => worker.logged.length === 4)
    expect(await page()).to.deep.equal({ state: 'running', total: 4, counted: named.slice(0, 1) })
    expect(await page(2)).to.deep.equal({ state: 'running', total: 4, counted: named.slice(2, 3) })
    expect(await page(4)).to.deep.equal({ state: 'running', total: 4, counted: [] })
    if (last)
      worker.report({
        kind: 'failed',
        token: last.token,
        workflow: last.workflow,
        credits: [],
        error,
        retryable: false,
        statistics: bytes('few'),
      })
    await scene.world.until('the last is logged', () => worker.logged.length === 5)
    expect(await page(4)).to.deep.include({ state: 'failed', total: 5 })
    const before = await page(4)
    const isThere = async (): Promise<boolean> =>
      (await scene.settled(scene.client.links.log(0).read(2))).kind === 'found'
    for (let round = 0; round < 10 && (await isThere()); round += 1) {
      for (let index = 0; index < 20; index += 1)
        await scene.settled(scene.client.submit(`other${round}-${index}`))
      await scene.world.run(5_000)
    }
    expect(await isThere()).to.equal(false)
    scene.world.manager('m2')
    await scene.world.run(1_000)
    scene.world.crash('m1')
    scene.world.members.end('m1', 'exited')
    expect(await scene.leader()).to.equal('m2')
    expect(await page(4)).to.deep.equal(before)
    expect(await page(1)).to.deep.equal({ state: 'failed', total: 5, counted: named.slice(1, 2) })
  })

  it('of no job are not_found', async () => {
    expect(await page(0, 'none')).to.equal('not_found')
  })
})
