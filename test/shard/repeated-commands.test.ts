import { emptyShard } from '@covey/actors'
import type { Answer } from '@covey/protocol'
import { limits, packValue } from '@covey/protocol'
import { expect } from 'chai'
import { findAnswered, findSwept, keepAnswered, keepSwept } from '../../actors/shard/answered-cancels.js'
import { isTooOld } from '../../actors/shard/retention.js'
import { FoldedLog, work } from './folded-log.js'
import { ShardScene } from './shard-scene.js'

const kept = { workflows: 1_000, bytes: 1_000_000, ms: 1_000_000 }

describe('a repeated command', () => {
  let scene: ShardScene

  beforeEach(() => {
    scene = new ShardScene()
  })
  afterEach(() => scene.close())

  /** Cancels under a number; the answer may be lost on its way. */
  const cancel = (number: number, job = 'job'): Promise<Answer | undefined> =>
    scene.settled(scene.client.numbered({ type: 'job.cancel', job, reason: 'enough' }, number))
  const outcomeOf = (answer: Answer | undefined) =>
    answer?.type === 'cancelled' ? answer.outcomes[0]?.outcome : answer?.type

  it('K24 that was lost on its way back is told what it did, and another what it found', async () => {
    await scene.lead('m1')
    await scene.settled(scene.client.submit('job'))
    expect(outcomeOf(await cancel(7))).to.equal('PENDING_CANCELLED')
    expect(outcomeOf(await cancel(7))).to.equal('PENDING_CANCELLED')
    expect(outcomeOf(await cancel(8))).to.equal('ALREADY_CANCELLED')
    expect(outcomeOf(await cancel(8))).to.equal('ALREADY_CANCELLED')
  })

  it('K24 is told so by the next leader too, which begins with a snapshot', async () => {
    scene.world.keeping = { snapshotEvents: 4, retention: kept }
    await scene.lead('m1')
    await scene.settled(scene.client.submit('job'))
    await cancel(7)
    const log = scene.client.links.log(0)
    for (let job = 0; (await scene.settled(log.read(1))).kind !== 'absent'; job += 1) {
      expect(job, 'jobs until the log is trimmed').to.be.below(100)
      await scene.settled(scene.client.submit(`job-${job}`))
      await scene.world.run(500)
    }
    scene.world.crash('m1')
    scene.world.members.end('m1', 'exited')
    scene.world.manager('m2')
    await scene.leader()
    expect(outcomeOf(await cancel(7))).to.equal('PENDING_CANCELLED')
    expect(outcomeOf(await cancel(9))).to.equal('ALREADY_CANCELLED')
  })

  it('K24 that comes while the first is on its way to the log is told what that one does', async () => {
    await scene.lead('m1')
    await scene.settled(scene.client.submit('job'))
    const answers = await scene.settled(
      Promise.all(
        [7, 7, 8].map((number) =>
          scene.client.numbered({ type: 'job.cancel', job: 'job', reason: '' }, number),
        ),
      ),
    )
    expect(answers.map(outcomeOf)).to.deep.equal([
      'PENDING_CANCELLED',
      'PENDING_CANCELLED',
      'ALREADY_CANCELLED',
    ])
  })

  const sweep = (number: number): Promise<Answer | undefined> =>
    scene.settled(scene.client.numbered({ type: 'jobs.cancel', reason: '', filter: { job: '*' } }, number))

  it('K24 by filter meets nothing that was submitted since, and tells what it met', async () => {
    await scene.lead('m1')
    await scene.settled(scene.client.submit('one'))
    await scene.settled(scene.client.submit('two'))
    const first = await sweep(7)
    expect(first).to.include({ jobs: 2, cancelled: 2, cancelling: 0, already: 0 })
    await scene.settled(scene.client.submit('since'))
    expect(await sweep(7)).to.deep.equal(first)
    scene.world.crash('m1')
    scene.world.members.end('m1', 'exited')
    scene.world.manager('m2')
    await scene.leader()
    expect(await sweep(7)).to.deep.equal(first)
    expect(await scene.stateOf('since/main')).to.equal('queued')
    expect(await sweep(8)).to.include({ jobs: 3, cancelled: 1, already: 2 })
  })

  it('K24 by filter that comes while the first is on its way to the log is told what that one meets', async () => {
    await scene.lead('m1')
    await scene.settled(scene.client.submit('one'))
    const command = { type: 'jobs.cancel', reason: '', filter: { job: '*' } } as const
    const answers = await scene.settled(
      Promise.all([7, 7].map((number) => scene.client.numbered(command, number))),
    )
    expect(answers[0]).to.include({ jobs: 1, cancelled: 1, already: 0 })
    expect(answers[1]).to.deep.equal(answers[0])
  })

  it('K24 by filter is kept for so many, the newest', () => {
    const state = emptyShard(0, 1)
    const counts = { sequence: 1, jobs: 1, cancelled: 1, cancelling: 0, already: 0 }
    const count = limits.answeredCancelsMax + 1
    for (let number = 1; number <= count; number += 1) keepSwept(state, { client: 'c', number }, counts)
    expect(state.swept.size).to.equal(limits.answeredCancelsMax)
    expect(findSwept(state, { client: 'c', number: 1 })).to.equal(undefined)
    expect(findSwept(state, { client: 'c', number: 2 })).to.deep.equal(counts)
  })

  it('K24 is kept for so many cancels, the newest', () => {
    const log = new FoldedLog()
    const count = limits.answeredCancelsMax + 5
    for (let number = 1; number <= count; number += 1) {
      log.submit(`job${number}`, [work('a')])
      const by = { client: 'c', number }
      log.batch([{ type: 'cancel.requested', job: `job${number}`, reason: '', by }])
    }
    expect(log.state.answered.size).to.equal(limits.answeredCancelsMax)
    expect([...log.state.answered.keys()][0]).to.equal('c 6')
    expect(log.state.answeredOutcomes).to.equal(limits.answeredCancelsMax)
  })

  it('K24 is kept for so many outcomes of all cancels', () => {
    const state = emptyShard(0, 1)
    const workflows = Array.from({ length: limits.cancelOutcomesListedMax + 1 }, (_, index) => ({
      ...{ id: `job/s${index}`, outcome: 'CANCELLED' as const },
    }))
    const jobs = limits.answeredOutcomesMax / limits.cancelOutcomesListedMax + 1
    for (let number = 1; number <= jobs; number += 1) keepAnswered(state, { client: 'c', number }, workflows)
    expect(state.answered.size).to.equal(jobs - 1)
    expect(findAnswered(state, { client: 'c', number: 1 })).to.equal(undefined)
    expect(findAnswered(state, { client: 'c', number: 2 })).to.include({ more: 1 })
    expect(state.answeredOutcomes).to.equal(limits.answeredOutcomesMax)
  })
})

describe('a submission that was under way for long', () => {
  const run = (log: FoldedLog, job: string): number => {
    log.submit(job, [work('a')])
    const token = log.assign(`${job}/a`)
    return log.batch([{ type: 'workflow.completed', workflow: `${job}/a`, token, result: packValue(1) }])
  }

  it('K25 is too old once its job may have run and be forgotten, and not before', () => {
    const log = new FoldedLog()
    log.retention = { ...kept, workflows: 1, ids: 2 }
    log.claim(2)
    const before = log.state.sequence
    const ends = ['one', 'two', 'three'].map((job) => run(log, job))
    expect([...log.state.expired.keys()]).to.deep.equal(['one', 'two'])
    expect(isTooOld(log.state, { since: before })).to.equal(false)
    run(log, 'four')
    expect([...log.state.expired.keys()]).to.deep.equal(['two', 'three'])
    expect(log.state.horizon).to.equal(ends[0])
    expect(isTooOld(log.state, { since: before })).to.equal(true)
    expect(isTooOld(log.state, {})).to.equal(true)
    expect(isTooOld(log.state, { since: ends[0] ?? 0 })).to.equal(false)
    expect(log.again().state.horizon).to.equal(ends[0])
  })

  it('K25 runs no second time, though nobody remembers it; what is new runs', async () => {
    const scene = new ShardScene()
    scene.world.keeping = { snapshotEvents: 1_000, retention: { ...kept, workflows: 1, ids: 1 } }
    await scene.lead('m1')
    const worker = await scene.worker('w1', 4)
    const tail = () => scene.settled(scene.client.links.log(0).tail())
    const since = await tail()
    const submit = (job: string, known?: number): Promise<Answer | undefined> =>
      scene.settled(
        scene.client.command({
          ...{ type: 'job.submit', job, digest: 'digest', chunk: { index: 0, count: 1 } },
          ...{ workflows: [work('main')], ...(known !== undefined && { since: known }) },
        }),
      )
    for (const [index, job] of ['one', 'two', 'three', 'four'].entries()) {
      await submit(job, index < 3 ? since : await tail())
      worker.complete(await scene.dispatch(worker, index), 1, [index + 10])
      await scene.world.until('the word', () => worker.logged.length > index)
      worker.credits.push(index + 10)
    }
    await scene.world.run(100)
    const late = await submit('one', since)
    expect(late?.type === 'error' && late.error.code).to.equal('too_old')
    const silent = await submit('one')
    expect(silent?.type === 'error' && silent.error.code).to.equal('too_old')
    const known = await submit('three', since)
    expect(known).to.include({ type: 'submitted', again: true })
    expect(await submit('new', await tail())).to.include({ again: false })
    expect((await scene.dispatch(worker, 4)).workflow).to.equal('new/main')
    await scene.world.run(1_000)
    expect(worker.dispatches).to.have.length(5)
    await scene.close()
  })
})
