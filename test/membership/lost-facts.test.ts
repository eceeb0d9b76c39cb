import { createWorld, type SimulatedNode, type SimulatedWorld } from '@covey/simulator'
import { expect } from 'chai'

describe('K11 facts that a store has lost', () => {
  let world: SimulatedWorld
  let watcher: SimulatedNode
  let node: SimulatedNode
  beforeEach(async () => {
    world = createWorld({
      seed: 1,
      faults: { latencyMinMs: 0, latencyMaxMs: 10 },
      nodes: { roles: ['manager'] },
    })
    ;[watcher] = (await world.formed(['b'])) as [SimulatedNode]
    node = world.node('a')
    await world.until(() => watcher.view === 'a.1 active' && node.self !== undefined, 5_000)
  })
  afterEach(() => world.close())

  /** The broker restarts without the last facts: those by which `a` has joined and is active. */
  const lose = (count = 2): void => {
    world.broker.stop()
    world.broker.loseFactsSuffix(count)
    world.broker.start()
  }
  const settle = () => world.run(3_000)

  for (const count of [1, 2, 4])
    it(`are said again by who lives, so that who comes later sees it (the last ${count})`, async () => {
      lose(count)
      await settle()
      const newcomer = world.node('c')
      await world.until(() => newcomer.view === 'a.1 active, b.1 active', 3_000)
      await world.until(() => watcher.view === 'a.1 active, c.1 active', 3_000)
      expect(watcher.endings).to.deep.equal([])
    })

  it('free no name whose holder lives', async () => {
    lose()
    await settle()
    const intruder = world.node('a')
    await world.until(() => intruder.end !== undefined, 3_000)
    expect(intruder.end).to.deep.include({ state: 'failed', reason: 'name_in_use' })
    expect(node.membership.state()).to.equal('active')
  })

  it('cost a generation that has ended no second life: who slept through its lease takes the next one', async () => {
    lose()
    await settle()
    node.freeze()
    await world.run(7_000)
    node.thaw()
    await world.until(() => watcher.view === 'a.2 active', 5_000)
    expect(watcher.endings.map((ending) => ending.slice(0, 3))).to.deep.equal(['a.1'])
  })

  it('and that another process wins before its holder is back end the former holder', async () => {
    node.freeze()
    lose()
    const successor = world.node('a')
    await world.until(() => successor.self !== undefined, 3_000)
    expect(successor.generation).to.equal(1)
    node.thaw()
    await world.until(() => node.end !== undefined, 3_000)
    expect(node.end).to.deep.include({ state: 'departed', reason: 'superseded' })
    await settle()
    expect(successor.membership.state()).to.equal('active')
  })
})
