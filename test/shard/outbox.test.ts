import { type Dispatch, outboxMessage, packValue, singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import { ShardScene } from './shard-scene.js'

const { reconcileIntervalMs, renewalIntervalMs } = singleServerTimings

describe('outbox of a shard', () => {
  let scene: ShardScene

  beforeEach(() => {
    scene = new ShardScene()
  })
  afterEach(() => scene.close())

  /** A worker with one attempt, whose result goes to the outbox and to nobody else. */
  const working = async (name: string, policy = {}): Promise<() => Promise<void>> => {
    const worker = await scene.worker(name, 1, policy)
    await scene.settled(scene.client.submit(`job-${name}`))
    const { token, workflow }: Dispatch = await scene.dispatch(worker)
    return async () => {
      const report = { kind: 'completed' as const, token, workflow, credits: [], result: packValue(1) }
      const subject = scene.world.subjects.outbox(0, name, 1, workflow, token)
      const data = outboxMessage.encode({ worker: name, generation: 1, report })
      await scene.settled(worker.links.outbox.create(subject, data))
    }
  }

  for (const how of ['exited', 'left', 'crashed'] as const) {
    it(`K9 keeps what a worker has finished from being overtaken by its loss: ${how}`, async () => {
      scene.world.outbox.toldAfterMs = 2 * reconcileIntervalMs
      await scene.lead('m1')
      const store = await working('w1', { exclusive: how !== 'crashed' })
      const other = await scene.worker('w2', 1)
      await store()
      scene.world.members.end('w1', how)
      await scene.world.run(reconcileIntervalMs)
      expect(await scene.stateOf('job-w1/main')).to.equal('completed')
      expect(other.dispatches).to.deep.equal([])
    })
  }

  it('K9 holds the end of a worker back until it has answered, and not longer', async () => {
    scene.world.outbox.toldAfterMs = 10 * reconcileIntervalMs
    await scene.lead('m1')
    const store = await working('w1')
    await scene.worker('w2', 1)
    await store()
    scene.world.outbox.isSilent = true
    scene.world.members.end('w1', 'exited')
    await scene.world.run(2 * reconcileIntervalMs)
    expect(await scene.stateOf('job-w1/main')).to.equal('assigned')
    scene.world.outbox.isSilent = false
    await scene.world.run(reconcileIntervalMs + 100)
    expect(await scene.stateOf('job-w1/main')).to.equal('completed')
  })

  it('K9 is asked once at a time about a worker that has ended', async () => {
    const { links } = scene.world.manager('m1')
    await scene.leader()
    await working('w1')
    let reads = 0
    const { read } = links.outbox
    links.outbox.read = (subject) => {
      reads += 1
      return read.call(links.outbox, subject)
    }
    scene.world.members.end('w1', 'crashed')
    scene.world.members.join('another', 'worker')
    await scene.world.run(reconcileIntervalMs)
    expect(reads).to.equal(1)
    expect(await scene.stateOf('job-w1/main')).to.equal('fencing')
  })

  it('K9 offers again what finds the queue of the log full, also of a worker that has ended', async () => {
    await scene.lead('m1')
    const stores = [await working('w1'), await working('w2')]
    const other = await scene.worker('w3', 2)
    const { storeBytesMax } = scene.world.broker.faults
    const { log } = storeBytesMax
    storeBytesMax.log = 0
    scene.fillQueue('job-w1')
    await scene.world.run(5)
    for (const store of stores) await store()
    scene.world.members.end('w2', 'exited')
    await scene.world.run(1_000)
    storeBytesMax.log = log
    await scene.world.run(2 * reconcileIntervalMs)
    expect(scene.world.leaders()).to.deep.equal(['m1'])
    expect(await scene.stateOf('job-w1/main')).to.equal('completed')
    expect(await scene.stateOf('job-w2/main')).to.equal('completed')
    expect(other.dispatches).to.deep.equal([])
  })

  it('skips what nobody can read, tells of it, and goes on', async () => {
    const { notices } = scene.world.manager('m1')
    await scene.leader()
    const store = await working('w1')
    const subject = scene.world.subjects.outbox(0, 'w0', 1, 'job/other', '1.1.1.0')
    await scene.settled(scene.client.links.outbox.create(subject, new Uint8Array([1, 2, 3])))
    await store()
    await scene.world.run(renewalIntervalMs)
    expect(notices.filter((notice) => notice.startsWith('frame.refused'))).to.have.length(1)
    expect(await scene.stateOf('job-w1/main')).to.equal('completed')
  })
})
