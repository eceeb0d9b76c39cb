import { expect } from 'chai'
import { ShardScene } from './shard-scene.js'

describe('figures of a shard', () => {
  let scene: ShardScene

  beforeEach(() => {
    scene = new ShardScene()
  })
  afterEach(() => scene.close())

  const readingOf = (manager: string) => {
    const [reading] = scene.world.find(manager).part.read()
    if (reading === undefined) throw new Error(`${manager} folds no shard`)
    return reading
  }

  it('count what became of workflows, once for each time', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    expect(readingOf('m1').workflows).to.include({ assigned: 1, completed: 0, waiting: 0, queued: 0 })
    worker.complete(await scene.dispatch(worker), 1)
    await scene.world.until('its end', () => readingOf('m1').workflows.completed === 1)
    const { workflows, figures, isLeading, jobs, queuedEvents } = readingOf('m1')
    expect(figures.workflows).to.include({ waiting: 1, queued: 1, assigned: 1, completed: 1, failed: 0 })
    expect(figures.jobs).to.include({ running: 1, completed: 1 })
    expect(workflows).to.include({ assigned: 0, completed: 1 })
    expect(jobs).to.include({ running: 0, completed: 1 })
    expect({ isLeading, queuedEvents }).to.deep.equal({ isLeading: true, queuedEvents: 0 })
  })

  it('count an attempt that is repeated because its worker has ended as lost', async () => {
    await scene.lead('m1')
    const lost = await scene.worker('w1', 1, { exclusive: false })
    await scene.settled(scene.client.submit('job'))
    await scene.dispatch(lost)
    expect(readingOf('m1').figures.lostAttempts).to.equal(0)
    lost.crash()
    scene.world.members.end('w1', 'crashed')
    await scene.world.until('the loss', () => readingOf('m1').workflows.queued === 1)
    expect(readingOf('m1').figures.lostAttempts).to.equal(1)
  })

  it('are those of the leader alone: who follows or reads the log again counts nothing', async () => {
    const leader = await scene.lead('m1', 'm2')
    const follower = leader === 'm1' ? 'm2' : 'm1'
    await scene.settled(scene.client.submit('job'))
    await scene.world.until('the fold', () => readingOf(follower).workflows.queued === 1)
    expect(readingOf(follower).figures.workflows).to.include({ waiting: 0, queued: 0 })
    expect(readingOf(follower).figures.batchEvents.sum).to.equal(0)
    expect(readingOf(leader).figures.workflows).to.include({ waiting: 1, queued: 1 })
    scene.world.crash(leader)
    scene.world.members.end(leader, 'exited')
    await scene.leader()
    expect(readingOf(follower).figures.workflows.waiting).to.equal(0)
    expect(readingOf(follower).sequence).to.be.greaterThan(1)
  })

  it('measure every batch: its events, and the time to its acknowledgement', async () => {
    await scene.lead('m1')
    await scene.settled(scene.client.submit('job'))
    const { batchEvents, appendMs } = readingOf('m1').figures
    const batches = batchEvents.counts.reduce((sum, count) => sum + count, 0)
    expect(appendMs.counts.reduce((sum, count) => sum + count, 0)).to.equal(batches)
    expect(batchEvents.sum).to.be.at.least(1)
    // Each way takes 0.1 to 0.5 ms in this world.
    expect(appendMs.sum / batches).to.be.within(0.2, 1)
    const beyond = appendMs.bounds.findIndex((bound) => bound > 1)
    expect(appendMs.counts.slice(beyond)).to.satisfy((counts: number[]) =>
      counts.every((count) => count === 0),
    )
  })
})
