import type { NodePart } from '@covey/actors'
import { CoveyError } from '@covey/protocol'
import { createWorld, type SimulatedWorld } from '@covey/simulator'
import { expect } from 'chai'

const defect = (): never => {
  throw new Error('this part is broken')
}
const brokenPart: NodePart = {
  open: defect,
  activate: defect,
  drain: () => Promise.reject(new Error('this part is broken')),
  fence: defect,
  close: defect,
}

describe('ready', () => {
  let world: SimulatedWorld
  const begin = (seed = 1) => {
    world = createWorld({
      seed,
      faults: { latencyMinMs: 0, latencyMaxMs: 20 },
      nodes: { roles: ['manager'] },
    })
    return world
  }
  afterEach(() => world.close())

  it('N6 without a broker it rejects as unreachable, before its deadline, and once', async () => {
    begin().broker.stop()
    const node = world.node('a')
    const tookMs = await world.until(() => node.notReady !== undefined, 15_000)
    expect(tookMs).to.be.at.most(15_000)
    expect(node.notReady).to.be.instanceOf(CoveyError)
    expect(node.notReady).to.include({ code: 'unreachable', retryable: true, address: 'a' })
    expect(node.self).to.equal(undefined)
  })

  it('N6 a node that is not ready in time is over: it joins no more when its broker comes', async () => {
    begin().broker.stop()
    const late = world.node('late')
    await world.run(15_001)
    expect(late.notReady?.code).to.equal('unreachable')
    expect(late.end).to.deep.include({ state: 'failed', reason: 'unreachable' })
    expect(late.env.system.addresses()).to.deep.equal([])
    world.broker.start()
    const facts = world.node('other')
    await world.run(5_000)
    expect(facts.view).to.equal('')
  })

  it('N6 S4 what it has claimed by then is given back', async () => {
    const other = begin().node('other')
    await world.run(1_000)
    const node = world.node('a')
    await world.until(() => node.generation === 1, 1_000)
    // Its writes get through, and it never hears so.
    world.broker.faults.lostAcknowledgement = 1
    await world.until(() => node.notReady !== undefined, 15_000)
    expect(node.notReady?.code).to.equal('deadline')
    await world.until(() => other.view === 'a.1 departed', 100)
    expect(other.endings).to.deep.equal(['a.1 left'])
    world.broker.faults.lostAcknowledgement = 0
  })

  it('N6 a broker that dies while it joins lets ready reject with its deadline', async () => {
    begin().broker.faults.lostWrite = 1
    const node = world.node('a')
    await world.until(() => node.notReady !== undefined, 15_000)
    expect(node.notReady?.code).to.equal('deadline')
    expect(node.end).to.deep.include({ state: 'failed', reason: 'deadline' })
    world.broker.faults.lostWrite = 0
  })

  it('N6 dead seeds delay nobody: the silent are suspected, not waited for', async () => {
    const dead = await begin().formed(['a', 'b', 'c', 'd'])
    for (const node of dead) node.kill()
    const node = world.node('e')
    const tookMs = await world.until(() => node.self !== undefined, 15_000)
    expect(tookMs).to.be.lessThan(1_000)
    expect(node.view).to.equal('a.1 suspect, b.1 suspect, c.1 suspect, d.1 suspect')
  })

  it('N6 ready is settled by close() too', async () => {
    begin().broker.stop()
    const node = world.node('a')
    await world.run(100)
    await world.awaiting(node.close(), 2_000)
    expect(node.notReady?.code).to.equal('closed')
    expect(node.end).to.deep.equal({ state: 'departed', reason: 'closed' })
  })

  it('N12 a listener that throws harms neither membership nor the next listener', async () => {
    const node = begin().node('a')
    let heard = 0
    node.members.onNews(defect)
    node.members.onNews(() => {
      heard += 1
    })
    const other = world.node('b')
    await world.until(() => node.view === 'b.1 active' && other.self !== undefined, 5_000)
    expect(heard).to.be.greaterThan(1)
    expect(node.defects).to.have.length(heard)
    node.notices.length = 0
  })

  it('N12 a part that throws in every hook does not stop its node from joining, nor from leaving', async () => {
    const node = begin().node('a', { parts: () => [brokenPart] })
    const other = world.node('b')
    await world.until(() => other.view === 'a.1 active' && node.self !== undefined, 5_000)
    expect(node.self).to.include({ generation: 1 })
    await world.awaiting(node.leave(), 10_000)
    await world.until(() => other.view === 'a.1 departed', 1_000)
    expect(other.endings, 'what it left behind is unknown').to.deep.equal(['a.1 left dirty'])
    const hooks = node.defects.map((notice) => ('what' in notice ? notice.what : ''))
    expect(new Set(hooks)).to.deep.equal(
      new Set(['open', 'activate', 'drain', 'close'].map((hook) => `a part threw in ${hook}()`)),
    )
    node.notices.length = 0
  })

  for (const seed of [1, 2, 3, 4, 5]) {
    it(`K13 after everybody has died, those that come back are ready although one does not (seed ${seed})`, async () => {
      const before = await begin(seed).formed(['a', 'b', 'c'])
      for (const node of before) node.kill()
      await world.run(1_000)
      const [a, b] = [world.node('a'), world.node('b')]
      const tookMs = await world.until(() => a!.self !== undefined && b!.self !== undefined, 15_000)
      expect(tookMs).to.be.lessThan(2_000)
      await world.until(() => a!.view === 'b.2 active, c.1 departed', 12_000)
      await world.until(() => b!.view === 'a.2 active, c.1 departed', 1_000)
      expect(a!.endings).to.include.members(['a.1 superseded', 'b.1 superseded', 'c.1 crashed'])
    })
  }
})
