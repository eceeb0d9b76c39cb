import { batchMessage, packValue } from '@covey/protocol'
import { expect } from 'chai'
import { FoldedLog, work } from './folded-log.js'
import { ShardScene } from './shard-scene.js'

const kept = { workflows: 1_000, bytes: 1_000_000, ms: 1_000_000 }

describe('what a fold keeps of ended jobs', () => {
  const logWith = (retention: Partial<typeof kept>): FoldedLog => {
    const log = new FoldedLog()
    log.retention = { ...kept, ...retention }
    log.claim(2)
    return log
  }
  const run = (log: FoldedLog, job: string, result: unknown = 1): void => {
    log.submit(job, [work('a')])
    const token = log.assign(`${job}/a`)
    log.batch([{ type: 'workflow.completed', workflow: `${job}/a`, token, result: packValue(result) }])
  }
  const jobsOf = ({ state }: FoldedLog): string[] => [...state.jobs.keys()]

  it('is so many workflows, those that ended last', () => {
    const log = logWith({ workflows: 2 })
    log.submit('open', [work('a')])
    for (const job of ['one', 'two', 'three']) run(log, job)
    expect(jobsOf(log)).to.deep.equal(['open', 'two', 'three'])
    expect([...log.state.workflows.keys()]).to.deep.equal(['open/a', 'two/a', 'three/a'])
    expect(log.state.expired.has('one')).to.equal(true)
  })

  it('is so many bytes of results', () => {
    const log = logWith({ bytes: 5_000 })
    for (const job of ['one', 'two', 'three']) run(log, job, 'x'.repeat(2_000))
    expect(jobsOf(log)).to.deep.equal(['three'])
  })

  it('is for so long after the end of the job, in the time of the shard', () => {
    const log = logWith({ ms: 10_000 })
    run(log, 'one')
    log.batch([], 9_000)
    run(log, 'two')
    log.batch([], 1_000)
    expect(jobsOf(log)).to.deep.equal(['one', 'two'])
    log.batch([], 1)
    expect(jobsOf(log)).to.deep.equal(['two'])
  })

  it('K37 counts from the end of the job: a result that others of it wait for stays', () => {
    const log = logWith({ workflows: 0, ms: 0 })
    log.submit('job', [work('a'), work('b', ['a'])])
    const token = log.assign('job/a')
    log.batch([{ type: 'workflow.completed', workflow: 'job/a', token, result: packValue(1) }])
    log.batch([], 60_000)
    expect(log.state.workflows.get('job/a')?.result).to.deep.equal(packValue(1))
    expect(log.stateOf('job/b')).to.equal('queued')
  })

  it('K42 is told of to who listens: workflows before their job, behind all that their entry did', () => {
    const log = logWith({ workflows: 0 })
    run(log, 'one')
    const gone = log.transitions.filter(({ to }) => to === '')
    expect(gone.map(({ record, from, event }) => [record.id, from, event])).to.deep.equal([
      ['one/a', 'completed', ''],
      ['one', 'completed', ''],
    ])
    const places = log.transitions.slice(-4).map(({ at }) => [at.sequence, at.index])
    const { sequence } = log.state
    expect(places).to.deep.equal([
      [sequence, 0],
      [sequence, 0],
      [sequence, 1],
      [sequence, 1],
    ])
  })

  it('is none of what it was given', () => {
    const log = logWith({})
    run(log, 'one')
    expect(log.state.workflows.get('one/a')?.input).to.have.length(0)
  })

  it('is what the newest claim says, so that all forget alike', () => {
    const log = logWith({})
    for (const job of ['one', 'two']) run(log, job)
    log.retention = { ...kept, workflows: 1 }
    log.claim(3)
    log.batch([])
    expect(jobsOf(log)).to.deep.equal(['two'])
    expect(jobsOf(log.again())).to.deep.equal(['two'])
  })
})

describe('a job that ended long ago', () => {
  let scene: ShardScene

  beforeEach(async () => {
    scene = new ShardScene()
    scene.world.keeping = { snapshotEvents: 10, retention: { ...kept, workflows: 1 } }
    await scene.lead('m1')
    await scene.worker('w1', 0)
    for (const job of ['old', 'new']) {
      await scene.settled(scene.client.submit(job))
      await scene.settled(scene.client.cancel(job))
    }
  })
  afterEach(() => scene.close())

  const codeOf = async (command: Parameters<typeof scene.client.command>[0]): Promise<string | undefined> => {
    const answer = await scene.settled(scene.client.command(command))
    return answer?.type === 'error' ? answer.error.code : answer?.type
  }
  const expectExpired = async (): Promise<void> => {
    expect(await codeOf({ type: 'result.get', workflow: 'old/main' })).to.equal('expired')
    expect(await codeOf({ type: 'job.get', job: 'old', after: 0 })).to.equal('expired')
    expect(await codeOf({ type: 'job.cancel', job: 'old', reason: 'late' })).to.equal('expired')
    expect(await codeOf({ type: 'job.get', job: 'never', after: 0 })).to.equal('not_found')
    expect(await scene.stateOf('new/main')).to.equal('cancelled')
  }

  it('is expired for who asks, and not unknown', () => expectExpired())

  it('does not run again when it is submitted again, and its id is not free for another one', async () => {
    expect(await scene.settled(scene.client.submit('old'))).to.include({ type: 'submitted', again: true })
    const other = await scene.settled(scene.client.submit('old', undefined, 'other content'))
    expect(other?.type === 'error' && other.error.code).to.equal('id_conflict')
  })

  it('takes no credit where it is submitted again', async () => {
    const worker = await scene.worker('w2', 1)
    await scene.settled(scene.client.submit('old'))
    await scene.settled(scene.client.submit('fresh'))
    expect((await scene.dispatch(worker)).workflow).to.equal('fresh/main')
    const log = scene.client.links.log(0)
    const assigned: string[] = []
    for (let sequence = await scene.settled(log.tail()); sequence > 0; sequence -= 1) {
      const outcome = await scene.settled(log.read(sequence))
      if (outcome.kind !== 'found' || outcome.entry.subject !== scene.world.subjects.batch(0)) continue
      for (const event of batchMessage.decode(outcome.entry.data).events)
        if (event.type === 'workflow.assigned') assigned.push(event.workflow)
    }
    expect(assigned).to.deep.equal(['fresh/main'])
  })

  it('is still expired for a leader that has begun with a snapshot', async () => {
    for (let count = 0; count < 30; count += 1) {
      await scene.settled(scene.client.submit(`open${count}`))
      await scene.world.run(1_000)
    }
    expect((await scene.settled(scene.client.links.log(0).read(1))).kind).to.equal('absent')
    scene.world.manager('m2')
    await scene.world.run(2_000)
    scene.world.crash('m1')
    scene.world.members.end('m1', 'exited')
    await scene.leader()
    await expectExpired()
  })
})
