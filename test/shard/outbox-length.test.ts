import { type Dispatch, limits, outboxMessage, packValue, singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import { OutboxMark } from '../../actors/shard/outbox-mark.js'
import { ShardScene } from './shard-scene.js'

const snapshotEvents = 20
const { reconcileIntervalMs } = singleServerTimings

describe('length of the outbox', () => {
  let scene: ShardScene
  let jobs = 0

  beforeEach(() => {
    jobs = 0
    scene = new ShardScene()
    scene.world.keeping = { ...scene.world.keeping, snapshotEvents }
  })
  afterEach(() => scene.close())

  const outbox = () => scene.client.links.outbox
  const words = () => scene.settled(outbox().names(scene.world.subjects.outboxOf(0)))
  /** The newest of the snapshots, by its sequence: each of the shard here has one part. */
  const newest = async (): Promise<number> => {
    const parts = await scene.settled(scene.client.links.objects.names(scene.world.subjects.objects))
    return Math.max(0, ...parts.map((part) => Number(part.split('.').at(-2))))
  }
  /** Lets one more snapshot be taken. */
  const snapshot = async (): Promise<void> => {
    const before = await newest()
    for (let done = 0; done < snapshotEvents; done += 1) {
      await scene.settled(scene.client.submit(`more${jobs}`))
      jobs += 1
    }
    while ((await newest()) === before) await scene.world.run(500)
    await scene.world.run(reconcileIntervalMs)
  }
  /** The result of a job that only the outbox has. */
  const store = async (name: string): Promise<{ readonly tail: number }> => {
    const worker = await scene.worker(name, 1)
    await scene.settled(scene.client.submit(`job-${name}`))
    const { token, workflow }: Dispatch = await scene.dispatch(worker)
    const tail = await scene.settled(scene.client.links.log(0).tail())
    const report = { kind: 'completed' as const, token, workflow, credits: [], result: packValue(1) }
    const subject = scene.world.subjects.outbox(0, name, 1, workflow, token)
    const data = outboxMessage.encode({ worker: name, generation: 1, report })
    await scene.settled(outbox().create(subject, data))
    return { tail }
  }
  const takeOver = async (next: string, last: string): Promise<void> => {
    scene.world.crash(last)
    scene.world.members.end(last, 'exited')
    expect(await scene.leader()).to.equal(next)
    await scene.world.run(2 * reconcileIntervalMs)
  }

  it('K9 a word stays until the second newest snapshot has it, and goes then', async () => {
    await scene.lead('m1')
    await store('w1')
    await scene.world.run(reconcileIntervalMs)
    expect(await scene.stateOf('job-w1/main')).to.equal('completed')
    await snapshot()
    expect(await words()).to.have.length(1)
    await snapshot()
    expect(await words()).to.deep.equal([])
    scene.world.manager('m2')
    await takeOver('m2', 'm1')
    expect(await scene.stateOf('job-w1/main')).to.equal('completed')
  })

  it('K9 a word that came later stays for the snapshots that have it', async () => {
    await scene.lead('m1')
    await store('w1')
    await snapshot()
    await store('w2')
    await snapshot()
    expect((await words()).map((word) => word.split('.')[4])).to.deep.equal(['w2'])
    await snapshot()
    expect(await words()).to.deep.equal([])
  })

  it('K9 what a leader has not come to removing, the next one removes', async () => {
    const { links } = scene.world.manager('m1')
    links.outbox.purge = () => Promise.reject(new Error('silent'))
    await scene.leader()
    await store('w1')
    await snapshot()
    await snapshot()
    expect(await words()).to.have.length(1)
    scene.world.manager('m2')
    await takeOver('m2', 'm1')
    expect(await words()).to.deep.equal([])
    expect(await scene.stateOf('job-w1/main')).to.equal('completed')
  })

  it('K9 a log that has lost its last entries takes the word again from the outbox', async () => {
    await scene.lead('m1')
    const { tail } = await store('w1')
    await scene.world.run(100)
    expect(await scene.stateOf('job-w1/main')).to.equal('completed')
    const lost = (await scene.settled(scene.client.links.log(0).tail())) - tail
    expect(lost).to.be.greaterThan(0)
    scene.world.crash('m1')
    scene.world.broker.loseLogSuffix(0, lost)
    scene.world.members.end('m1', 'exited')
    await scene.lead('m2')
    await scene.world.run(reconcileIntervalMs)
    expect(await scene.stateOf('job-w1/main')).to.equal('completed')
  })

  it('K9 an outbox that is long makes the snapshots due that it waits for', async () => {
    scene.world.keeping = { ...scene.world.keeping, snapshotEvents: limits.snapshotEventsMax }
    await scene.lead('m1')
    const count = Math.ceil(limits.outboxBytesKept / limits.inlineBytesMax)
    const nothing = new Uint8Array(limits.inlineBytesMax)
    for (let number = 0; number < count; number += 1) {
      const subject = scene.world.subjects.outbox(0, 'w0', 1, 'job/other', `1.1.${number}.0`)
      await scene.settled(outbox().create(subject, nothing))
    }
    await scene.world.run(5 * reconcileIntervalMs)
    expect(await words()).to.deep.equal([])
    const taken = await newest()
    expect(taken).to.be.greaterThan(0)
    await scene.world.run(5 * reconcileIntervalMs)
    expect(await newest()).to.equal(taken)
  })

  it('is settled up to the oldest word that is on its way into the log', () => {
    const open = new Set(['b', 'c'])
    const mark = new OutboxMark((token) => open.has(token))
    const note = (sequence: number, token?: string): void =>
      mark.note({ sequence, subject: 's', data: new Uint8Array(0) }, token)
    expect(mark.settled).to.equal(0)
    note(3)
    note(5, 'b')
    note(6, 'c')
    note(9)
    expect(mark.settled).to.equal(4)
    open.delete('c')
    expect(mark.settled).to.equal(4)
    note(3)
    open.delete('b')
    expect(mark.settled).to.equal(9)
  })
})
