import { createWorld, disagreements, isAgreed, type SimulatedNode } from '@covey/simulator'
import { expect } from 'chai'

const names = ['a', 'b', 'c']

describe('whether all agree', () => {
  const worlds: ReturnType<typeof createWorld>[] = []
  const newWorld = () => {
    const world = createWorld({ seed: 1 })
    worlds.push(world)
    return world
  }
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.close()
  })

  /** The short answer and the long one, which must be the same. */
  const agreed = (wanted: readonly string[], up: readonly SimulatedNode[]): boolean => {
    const short = isAgreed(wanted, up)
    expect(disagreements(wanted, up).length === 0, 'the long answer').to.equal(short)
    return short
  }

  it('is true of a whole cluster, and not before, nor when one is gone, missing or there twice', async () => {
    const world = newWorld()
    const nodes = names.map((name) => world.node(name))
    expect(agreed(names, nodes)).to.equal(false)
    await world.run(3_000)
    expect(agreed(names, nodes)).to.equal(true)
    expect(agreed([...names, 'd'], nodes)).to.equal(false)
    expect(agreed(names, nodes.slice(1))).to.equal(false)
    expect(agreed(names, [...nodes, nodes[0] as SimulatedNode])).to.equal(false)
    nodes[2]?.kill()
    expect(agreed(names, nodes.slice(0, 2))).to.equal(false)
    expect(agreed(['a', 'b'], nodes.slice(0, 2))).to.equal(false)
  })

  it('is true with a guest, whom all see', async () => {
    const world = newWorld()
    const nodes = [...names, 'guest'].map((name) => world.node(name))
    await world.run(3_000)
    expect(agreed(names, nodes)).to.equal(true)
  })

  it('lets go of the dead where it is told to, and numbers processes without a gap', async () => {
    const world = newWorld()
    const [first] = names.map((name) => world.node(name, { keepsHistory: false }))
    await world.run(1_000)
    first?.kill()
    world.forgetDead()
    expect(world.nodes.map(({ address }) => address)).to.deep.equal(['b-2', 'c-3'])
    expect(world.node('a').address).to.equal('a-4')
    expect(world.nodes[0]?.news).to.deep.equal([])
    expect(world.nodes[0]?.members.all()).to.have.length(3)
  })
})
