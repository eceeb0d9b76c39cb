import { limits } from '@covey/protocol'
import { expect } from 'chai'
import { step } from './scripted-client.js'
import { ShardScene } from './shard-scene.js'

describe('next leader of a shard', () => {
  let scene: ShardScene

  beforeEach(async () => {
    scene = new ShardScene()
    await scene.lead('m1')
  })
  afterEach(() => scene.close())

  const takeOver = async (): Promise<void> => {
    scene.world.manager('m2')
    await scene.world.run(500)
    scene.world.crash('m1')
    scene.world.members.end('m1', 'exited')
    await scene.leader()
  }
  const submitChunk = (index: number) => {
    const workflows = [step(`s${index}`)]
    const chunk = { index, count: 2 }
    return scene.settled(
      scene.client.command({ type: 'job.submit', job: 'job', digest: 'd', chunk, workflows }),
    )
  }

  it('K17 cancels a job whose submission was never completed, although another leader took its first part', async () => {
    await submitChunk(0)
    await takeOver()
    await scene.world.run(limits.submissionMsMax + 5_000)
    const answer = await scene.settled(scene.client.command({ type: 'job.get', job: 'job', after: 0 }))
    expect(answer).to.deep.include({ type: 'job', state: 'cancelled', total: 1, ended: 1 })
  })

  it('takes a chunk that is sent again as what it has, and the rest of the job', async () => {
    await submitChunk(0)
    await takeOver()
    expect(await submitChunk(0)).to.include({ type: 'submitted', again: true })
    expect(await submitChunk(1)).to.include({ type: 'submitted', again: false })
    expect(await scene.stateOf('job/s0')).to.equal('queued')
    expect(await scene.stateOf('job/s1')).to.equal('queued')
  })

  it('takes a submission again that is under way at the old leader, once', async () => {
    scene.world.broker.faults.lostAcknowledgement = 1
    const first = scene.client.submit('job')
    await scene.world.run(10)
    scene.world.broker.faults.lostAcknowledgement = 0
    const second = scene.client.submit('job')
    const answers = await scene.settled(Promise.all([first, second]))
    expect(answers.map((answer) => answer?.type === 'submitted' && answer.again)).to.deep.equal([false, true])
    await takeOver()
    expect(await scene.settled(scene.client.submit('job'))).to.include({ type: 'submitted', again: true })
    const page = await scene.settled(scene.client.command({ type: 'job.get', job: 'job', after: 0 }))
    expect(page?.type === 'job' && page.total).to.equal(1)
  })

  it('goes on with workflows that waited, and with a word that the old leader had taken and not logged', async () => {
    const worker = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('first'))
    await scene.settled(scene.client.submit('second'))
    const first = await scene.dispatch(worker)
    scene.world.manager('m2')
    await scene.world.run(500)
    scene.world.broker.faults.lostWrite = 1
    worker.complete(first, 1, [2])
    await scene.world.run(50)
    scene.world.crash('m1')
    scene.world.broker.faults.lostWrite = 0
    await scene.leader()
    expect(worker.logged).to.deep.equal([])
    expect(await scene.stateOf('first/main')).to.equal('assigned')
    worker.complete(first, 1, [2])
    await scene.world.until('the word', () => worker.logged.includes(first.token))
    worker.credits = [2]
    await scene.settled(worker.renew())
    expect((await scene.dispatch(worker, 1)).workflow).to.equal('second/main')
  })
})
