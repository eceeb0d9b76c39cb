import { type Dispatch, limits, packStored, packValue, singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import { isForgotten } from '../../actors/shard/result-sweep.js'
import { FoldedLog, work } from './folded-log.js'
import { ShardScene } from './shard-scene.js'

const stored = (token: string): Uint8Array =>
  packStored({ token, parts: 1, bytes: 1_000, digest: '0'.repeat(64) })

describe('large results that nobody needs', () => {
  const completed = (log: FoldedLog, workflow: string, token: string, result: Uint8Array): number =>
    log.batch([{ type: 'workflow.completed', workflow, token, result }])

  it('K36 are those of attempts whose word never came, once another has or nothing can', () => {
    const log = new FoldedLog()
    log.submit('job', [work('a'), work('b')])
    const first = log.assign('job/a')
    const isGone = (token: string): boolean => isForgotten(log.state, { workflow: 'job/a', token })
    expect(isGone(first)).to.equal(false)
    log.batch([{ type: 'workflow.unassigned', workflow: 'job/a', token: first, reason: '' }])
    expect(isGone(first)).to.equal(false)
    const second = log.assign('job/a')
    expect([first, second].map(isGone)).to.deep.equal([true, false])
    completed(log, 'job/a', second, stored(second))
    expect([first, second].map(isGone)).to.deep.equal([true, false])
    const third = log.assign('job/b')
    completed(log, 'job/b', third, packValue(1))
    expect(isForgotten(log.state, { workflow: 'job/b', token: third })).to.equal(true)
  })

  it('K36 are those of jobs that are kept no more, and never those of whom the fold cannot know', () => {
    const log = new FoldedLog()
    log.batch([])
    expect(isForgotten(log.state, { workflow: 'job/a', token: '1.1.1.0' })).to.equal(true)
    expect(isForgotten(log.state, { workflow: 'job/a', token: '1.9.1.0' })).to.equal(false)
    expect(isForgotten(log.state, { workflow: 'job/a', token: '1.1.99.0' })).to.equal(false)
  })

  it('K36 count with their own bytes in what is kept', () => {
    const log = new FoldedLog()
    log.retention = { workflows: 1_000, bytes: 5_000, ms: 1_000_000 }
    log.claim(2)
    const large = (token: string) => packStored({ token, parts: 1, bytes: 4_000, digest: '0'.repeat(64) })
    for (const job of ['one', 'two']) {
      log.submit(job, [work('a')])
      const token = log.assign(`${job}/a`)
      completed(log, `${job}/a`, token, large(token))
    }
    expect([...log.state.jobs.keys()]).to.deep.equal(['two'])
  })

  describe('at a leader', () => {
    let scene: ShardScene
    beforeEach(async () => {
      scene = new ShardScene()
      scene.world.keeping = { ...scene.world.keeping, retention: { workflows: 1, bytes: 1e6, ms: 1e9 } }
      await scene.lead('m1')
    })
    afterEach(() => scene.close())

    const parts = () => scene.settled(scene.client.links.objects.names(scene.world.subjects.objects))
    const write = async ({ token, workflow }: Dispatch): Promise<void> => {
      const subject = scene.world.subjects.resultPart(0, workflow, token, 0)
      await scene.settled(scene.client.links.objects.create(subject, new Uint8Array(8)))
    }

    it('K36 are removed as often as is said', async () => {
      scene.world.crash('m1')
      scene.world.members.end('m1', 'exited')
      scene.world.keeping = { ...scene.world.keeping, resultSweepMs: 5_000 }
      await scene.lead('m2')
      const subject = scene.world.subjects.resultPart(0, 'job/a', '1.1.1.0', 0)
      await scene.settled(scene.client.links.objects.create(subject, new Uint8Array(8)))
      expect(await parts()).to.deep.equal([subject])
      await scene.world.run(2 * 5_000)
      expect(await parts()).to.deep.equal([])
    })

    it('K36 are removed with the retention of their jobs, also by the next leader', async () => {
      const worker = await scene.worker('w1', 3)
      for (const [index, job] of ['one', 'two'].entries()) {
        await scene.settled(scene.client.submit(job))
        const dispatch = await scene.dispatch(worker, index)
        await write(dispatch)
        worker.report({ kind: 'completed', ...dispatch, result: stored(dispatch.token) } as never)
        await scene.world.run(50)
      }
      expect(await parts()).to.have.length(2)
      scene.world.crash('m1')
      scene.world.members.end('m1', 'exited')
      await scene.lead('m2')
      await scene.world.run(limits.resultSweepMs + 2 * singleServerTimings.reconcileIntervalMs)
      const left = await parts()
      expect(left.map((part) => part.split('.')[5])).to.deep.equal(['two'])
    })
  })
})
