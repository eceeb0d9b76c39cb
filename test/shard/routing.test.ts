import { type AskMessage, askMessage, singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import { step } from './scripted-client.js'
import { ShardScene } from './shard-scene.js'

const { renewalIntervalMs, reconcileIntervalMs } = singleServerTimings

describe('workers that a leader asks and gives work to', () => {
  let scene: ShardScene

  beforeEach(() => {
    scene = new ShardScene()
  })
  afterEach(() => scene.close())

  it('are those under suspicion too, while they say anything at all', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 2)
    await scene.settled(scene.client.submit('first'))
    const { token, workflow } = await scene.dispatch(worker)
    scene.world.members.suspect('w1')
    await scene.world.run(2 * renewalIntervalMs + reconcileIntervalMs)
    await scene.settled(scene.client.submit('second'))
    await scene.world.run(500)
    expect(worker.dispatches).to.have.length(1)
    worker.report({ kind: 'started', token, workflow, credits: [] })
    await scene.world.run(1)
    scene.world.members.suspect('w1')
    expect((await scene.dispatch(worker, 1)).workflow).to.equal('second/main')
  })

  it('K28 are none whose event loop does not turn, until it does', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 2)
    await scene.world.run(2 * renewalIntervalMs + reconcileIntervalMs)
    scene.world.members.busy('w1', true)
    await scene.settled(scene.client.submit('job'))
    await scene.world.run(500)
    expect(worker.dispatches).to.have.length(0)
    scene.world.members.busy('w1', false)
    expect((await scene.dispatch(worker)).workflow).to.equal('job/main')
  })

  it('K15 are of the newest generation, although nobody has told the end of the older one', async () => {
    await scene.lead('m1')
    const old = await scene.worker('w1', 1)
    scene.world.members.join('w1', 'worker', 2)
    await scene.settled(scene.client.submit('job'))
    await scene.world.run(500)
    expect(old.dispatches).to.deep.equal([])
  })

  it('K34 are not those that have ended: a new leader opens none of them', async () => {
    const old = await scene.lead('m1', 'm2')
    const worker = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    await scene.dispatch(worker)
    scene.world.members.end('w1', 'crashed')
    scene.world.crash(old)
    scene.world.members.end(old, 'exited')
    await scene.leader()
    await scene.world.run(reconcileIntervalMs)
    expect(worker.questions).to.deep.equal([])
    expect(worker.epoch).to.equal(1)
  })

  it('K10 are opened by the last part of a list that one frame does not hold', async () => {
    const old = await scene.lead('m1', 'm2')
    const worker = await scene.worker('w1', 600)
    for (const job of ['one', 'two', 'three']) {
      const steps = Array.from({ length: 200 }, (_, index) => step(`s${index}`))
      await scene.settled(scene.client.submit(job, steps))
    }
    await scene.dispatch(worker, 599)
    const asks: AskMessage[] = []
    worker.links.control.subscribe(scene.world.subjects.node('w1', 1, 'ask'), ({ data }) => {
      asks.push(askMessage.decode(data))
    })
    scene.world.crash(old)
    scene.world.members.end(old, 'exited')
    await scene.leader()
    await scene.world.until('the list', () => asks.some(({ last }) => last))
    expect(asks.length).to.be.above(1)
    expect(asks.map(({ last }) => last)).to.deep.equal(asks.map((_, index) => index === asks.length - 1))
    expect(asks.flatMap(({ questions }) => questions)).to.have.length(600)
  })
})
