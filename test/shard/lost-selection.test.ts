import { expect } from 'chai'
import { ShardScene } from './shard-scene.js'

describe('a worker that dies while it is being chosen', () => {
  let scene: ShardScene
  beforeEach(() => {
    // A hop takes 10 ms, so that the assignment is under way for long enough to be met at each of its steps.
    scene = new ShardScene(1, { latencyMinMs: 10, latencyMaxMs: 10 })
  })
  afterEach(() => scene.close())

  for (const afterMs of [1, 15, 25, 35, 45, 55])
    it(`S-E3 S-E6 has its credits void, and its work goes to another one, once (after ${afterMs} ms)`, async () => {
      await scene.lead('m1')
      const lost = await scene.worker('w1', 2)
      const submitted = scene.client.submit('job')
      await scene.world.run(afterMs)
      lost.crash()
      scene.world.members.end('w1', 'exited')
      await scene.settled(submitted)
      const other = await scene.worker('w2', 1)
      const { token, workflow } = await scene.dispatch(other)
      expect(workflow).to.equal('job/main')
      for (const dispatch of lost.dispatches) expect(dispatch.token).to.not.equal(token)
      other.complete(await scene.dispatch(other), 1)
      await scene.world.until('the end', () => other.logged.includes(token))
      expect(await scene.stateOf('job/main')).to.equal('completed')
      await scene.world.run(10_000)
      expect(other.dispatches).to.have.length(1)
    })
})
