import type { Step } from '@covey/protocol'
import { expect } from 'chai'
import { step } from './scripted-client.js'
import type { ScriptedWorker } from './scripted-worker.js'
import { ShardScene } from './shard-scene.js'

const urgent = (name: string, priority: number): Step => ({ ...step(name), demand: { priority } })

describe('priority', () => {
  let scene: ShardScene

  beforeEach(() => {
    scene = new ShardScene()
  })
  afterEach(() => scene.close())

  const submit = (job: string, ...steps: Step[]) =>
    scene.settled(scene.client.submit(job, steps.length > 0 ? steps : undefined))
  const served = async (worker: ScriptedWorker, count: number): Promise<string[]> => {
    for (let index = 0; index < count; index += 1) {
      worker.credits = [index + 1]
      await scene.settled(worker.renew())
      worker.complete(await scene.dispatch(worker, index), index)
    }
    return worker.dispatches.map(({ workflow }) => workflow)
  }

  it('brings a workflow before those that were submitted before it', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 0)
    await submit('first')
    await submit('low', urgent('main', -1))
    await submit('high', urgent('main', 10))
    await submit('second')
    expect(await served(worker, 4)).to.deep.equal(['high/main', 'first/main', 'second/main', 'low/main'])
  })

  it('is worth five minutes of waiting a level, in the time of the shard: who waits is served at last', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 0)
    await submit('low', urgent('main', -1))
    await scene.world.run(6 * 60_000)
    await submit('normal')
    await submit('high', urgent('main', 1))
    expect(await served(worker, 3)).to.deep.equal(['high/main', 'low/main', 'normal/main'])
  })

  it('and the order of those who wait are the same at the next leader', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 0)
    await submit('first')
    await submit('second')
    await submit('high', urgent('main', 3))
    scene.world.manager('m2')
    await scene.world.run(500)
    scene.world.crash('m1')
    scene.world.members.end('m1', 'exited')
    await scene.leader()
    expect(await served(worker, 3)).to.deep.equal(['high/main', 'first/main', 'second/main'])
  })

  it('of a batch that submits decides as well: who is assigned with it has nobody before it', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 1)
    await submit('job', urgent('a', 0), urgent('b', 0))
    expect((await scene.dispatch(worker)).workflow).to.equal('job/a')
    await submit('more', urgent('c', 5))
    expect(await served(worker, 3)).to.deep.equal(['job/a', 'more/c', 'job/b'])
  })
})
