import { singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import { ShardScene } from './shard-scene.js'

const { workerLeaseMs } = singleServerTimings

describe('generations of a worker', () => {
  let scene: ShardScene

  beforeEach(() => {
    scene = new ShardScene()
  })
  afterEach(() => scene.close())

  for (const isTold of [true, false]) {
    it(`K8 work of a generation moves although the end of the next was logged first${isTold ? '' : ', and its own is not known'}`, async () => {
      await scene.lead('m1')
      const old = await scene.worker('w1', 1)
      await scene.settled(scene.client.submit('first'))
      await scene.dispatch(old)
      const next = await scene.worker('w1', 1, {}, 2)
      await scene.settled(scene.client.submit('second'))
      await scene.dispatch(next)
      scene.world.members.end('w1', 'exited', 2)
      await scene.world.run(100)
      if (isTold) scene.world.members.end('w1', 'superseded')
      await scene.world.run(3_000)
      expect(await scene.stateOf('first/main')).to.equal('fencing')
      await scene.world.run(workerLeaseMs)
      expect(await scene.stateOf('first/main')).to.equal('queued')
    })
  }

  it('K8 what was given to a worker in the batch that submits it and tells of its end waits for another one', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 2, { exclusive: false })
    await scene.settled(scene.client.submit('first'))
    await scene.dispatch(worker)
    // All that comes while the acknowledgement of this append is lost is the next batch.
    const { faults } = scene.world.broker
    faults.lostAcknowledgement = 1
    const asked = scene.client.command({ type: 'status.get' })
    await scene.world.run(5)
    faults.lostAcknowledgement = 0
    const submitted = scene.client.submit('job')
    await scene.world.run(50)
    scene.world.members.end('w1', 'crashed')
    await scene.settled(Promise.all([asked, submitted]))
    expect(await scene.stateOf('job/main')).to.equal('queued')
    const other = await scene.worker('w2', 2, { exclusive: false })
    await scene.dispatch(other, 1)
    expect(other.dispatches.map(({ workflow }) => workflow)).to.have.members(['first/main', 'job/main'])
  })
})
