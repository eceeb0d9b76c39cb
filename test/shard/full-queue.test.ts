import { commandsMessage, limits } from '@covey/protocol'
import { expect } from 'chai'
import { ShardScene } from './shard-scene.js'

describe('leader whose queue is full', function () {
  // Much to compute, on a machine that may be busy.
  this.timeout(60_000)
  let scene: ShardScene

  beforeEach(async () => {
    scene = new ShardScene()
    await scene.lead('m1')
  })
  afterEach(() => scene.close())

  /** Cancels what does not exist until nothing more is taken, while nothing reaches the log. */
  const fill = (): void => {
    const count = limits.commandsPerMessageMax
    const commands = Array.from({ length: count }, (_, number) => ({
      type: 'job.cancel' as const,
      number,
      job: 'none',
      reason: '',
    }))
    const frame = commandsMessage.encode({ client: 'flood', commands })
    for (let sent = 0; sent <= limits.logQueueEventsMax + count; sent += count) {
      scene.client.links.control.publish(scene.world.subjects.command(0), frame)
    }
  }

  it('refuses what is new, and gives out work and due times later', async () => {
    const worker = await scene.worker('w1', 1, { backoffMs: 600, backoffFactor: 1 })
    await scene.settled(scene.client.submit('failing'))
    await scene.settled(scene.client.submit('waiting'))
    const { token, workflow } = await scene.dispatch(worker)
    const error = { code: 'workflow_failed' as const, message: 'broken' }
    worker.report({ kind: 'failed', token, workflow, credits: [], error, retryable: true })
    await scene.world.until('the word', () => worker.logged.includes(token))
    scene.world.broker.faults.lostWrite = 1
    const [refused] = await scene.settled(
      Promise.all([scene.world.run(5).then(() => scene.client.submit('late')), fill()]),
    )
    expect(refused?.type === 'error' && refused.error.code).to.equal('overloaded')
    worker.credits = [5, 6]
    const renewed = worker.renew()
    await scene.world.run(1_000)
    scene.world.broker.faults.lostWrite = 0
    await scene.settled(renewed)
    await scene.dispatch(worker, 2)
    expect(
      worker.dispatches
        .map((dispatch) => dispatch.workflow)
        .slice(1)
        .toSorted(),
    ).to.deep.equal(['failing/main', 'waiting/main'])
    expect(scene.world.leaders()).to.deep.equal(['m1'])
  })
})
