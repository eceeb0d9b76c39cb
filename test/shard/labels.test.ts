import type { Step, WorkflowView } from '@covey/protocol'
import { expect } from 'chai'
import { step } from './scripted-client.js'
import type { ScriptedWorker } from './scripted-worker.js'
import { ShardScene } from './shard-scene.js'

const requiring = (name: string, ...requires: string[]): Step => ({ ...step(name), demand: { requires } })

describe('labels', () => {
  let scene: ShardScene

  beforeEach(async () => {
    scene = new ShardScene()
    await scene.lead('m1')
  })
  afterEach(() => scene.close())

  const workerWith = (name: string, labels: string[], requires: string[] = []): Promise<ScriptedWorker> => {
    scene.world.members.labels = labels
    return scene.worker(name, 2, requires.length === 0 ? {} : { requires })
  }
  const submit = (job: string, ...steps: Step[]) =>
    scene.settled(scene.client.submit(job, steps.length > 0 ? steps : undefined))
  const viewOf = async (job: string): Promise<WorkflowView | undefined> => {
    const answer = await scene.settled(scene.client.command({ type: 'job.get', job, after: 0 }))
    return answer?.type === 'job' ? answer.workflows[0] : undefined
  }

  it('that are required bring a workflow to a worker that has all of them', async () => {
    const plain = await workerWith('w1', ['gpu'])
    const able = await workerWith('w2', ['gpu', 'region=eu'])
    await submit('job', requiring('a', 'gpu', 'region=eu'), requiring('b', 'region=eu', 'gpu'))
    await scene.dispatch(able, 1)
    expect(plain.dispatches).to.deep.equal([])
  })

  it('that nobody has let a workflow wait, which says why, until a worker comes that has them', async () => {
    const plain = await workerWith('w1', ['gpu'])
    await submit('job', requiring('a', 'gpu', 'region=eu'))
    await submit('next')
    expect((await scene.dispatch(plain)).workflow, "who waits is in nobody's way").to.equal('next/main')
    const view = await viewOf('job')
    expect(view?.state).to.equal('queued')
    expect(view?.demand).to.deep.equal({ requires: ['gpu', 'region=eu'] })
    expect(view?.waits).to.equal(
      'no worker that offers work has the labels that it requires: region=eu is missing',
    )
    const able = await workerWith('w2', ['gpu', 'region=eu'])
    expect((await scene.dispatch(able)).workflow).to.equal('job/a')
  })

  it('that a definition requires keep it from a worker that offers it without them', async () => {
    const unfit = await workerWith('w1', [], ['gpu'])
    expect(await submit('job')).to.include({ type: 'submitted' })
    await scene.world.run(1_000)
    expect(unfit.dispatches).to.deep.equal([])
    expect((await viewOf('job'))?.waits).to.include('gpu is missing')
    const able = await workerWith('w2', ['gpu'], ['gpu'])
    expect((await scene.dispatch(able)).workflow).to.equal('job/main')
  })

  it('are shown in the status, and what waits for a slot says so', async () => {
    const worker = await workerWith('w1', ['gpu'])
    await submit('one', requiring('a', 'gpu'), step('b'), step('c'))
    await scene.dispatch(worker, 1)
    const status = await scene.settled(scene.client.command({ type: 'status.get' }))
    const nodes = status?.type === 'status' ? status.nodes : []
    expect(nodes.map(({ id, labels }) => [id, labels])).to.deep.equal([
      ['m1', undefined],
      ['w1', ['gpu']],
    ])
    const answer = await scene.settled(scene.client.command({ type: 'job.get', job: 'one', after: 0 }))
    const waits = answer?.type === 'job' ? answer.workflows.map((view) => view.waits) : []
    expect(waits).to.have.members([undefined, undefined, 'a free slot'])
  })
})
