import { limits } from '@covey/protocol'
import { expect } from 'chai'
import { ShardScene } from './shard-scene.js'

describe('the news that a word is in the log', () => {
  let scene: ShardScene

  beforeEach(async () => {
    scene = new ShardScene()
    await scene.lead('m1')
  })
  afterEach(() => scene.close())

  it('K9 goes with the next dispatch to the worker, in one message', async () => {
    const worker = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('first'))
    await scene.settled(scene.client.submit('second'))
    const first = await scene.dispatch(worker)
    worker.complete(first, 1, [2])
    await scene.world.until('the second dispatch', () => worker.dispatches.length === 2)

    expect(worker.runs).to.have.length(2)
    expect(worker.runs[1]?.logged).to.deep.equal([first.token])
  })

  it('K9 waits no longer than its limit where nothing is dispatched', async () => {
    const worker = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('only'))
    const dispatch = await scene.dispatch(worker)
    worker.complete(dispatch, 1, [2])
    await scene.world.until('the result', () => scene.client.outcomes.length === 1)
    expect(worker.logged, 'with the result').to.deep.equal([])

    await scene.world.run(limits.loggedDelayMs + 10)
    expect(worker.logged).to.deep.equal([dispatch.token])
  })
})
