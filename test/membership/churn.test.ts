import type { SimulatedNode } from '@covey/simulator'
import { createWorld, type SimulatedWorld } from '@covey/simulator'
import { expect } from 'chai'

const names = ['a', 'b', 'c', 'd', 'e', 'f']
const seeds = Array.from({ length: 8 }, (_, index) => index + 1)

/** What a member looks like to itself or to others, departed ones left out. */
const livingSeenBy = (node: SimulatedNode): string =>
  node.members
    .all()
    .filter(({ state }) => state !== 'departed')
    .map(({ nodeId, generation, state }) => `${nodeId}.${generation} ${state}`)
    .toSorted()
    .join(', ')

describe('churn', function () {
  // Much to compute, on a machine that may be busy.
  this.timeout(60_000)
  let world: SimulatedWorld
  afterEach(() => world.close())

  const isUp = (node: SimulatedNode): boolean => !node.isDead && node.end === undefined
  const draw = <Value>(list: readonly Value[]): Value | undefined =>
    list[Math.floor(world.random.next() * list.length)]

  /** Something that happens to a process, at random. */
  const disturb = async (): Promise<void> => {
    const node = draw(world.nodes.filter(isUp))
    const chance = world.random.next()
    if (node === undefined || chance < 0.15) world.node(draw(names) ?? 'a')
    else if (chance < 0.3) node.kill()
    else if (chance < 0.45) void node.leave('maintenance')
    else if (chance < 0.6) world.broker.disconnect(node.name)
    else if (chance < 0.8) {
      node.freeze()
      await world.run(world.random.next() * 9_000)
      node.thaw()
    } else if (chance < 0.9) {
      world.broker.cut(node.name, draw(['both', 'toBroker', 'toProcess'] as const))
      await world.run(world.random.next() * 12_000)
      world.broker.heal(node.name)
    } else {
      world.broker.stop()
      await world.run(world.random.next() * 2_000)
      world.broker.start()
    }
    await world.run(world.random.next() * 5_000)
  }

  for (const seed of seeds) {
    it(`invariants 13 to 15, 21, 22 whatever happened, in the end all see the same, and the truth (seed ${seed})`, async () => {
      const faults = { latencyMinMs: 0, latencyMaxMs: 30, lostMessage: 0.02, lostAcknowledgement: 0.05 }
      world = createWorld({ seed, faults, nodes: { roles: ['manager'] } })
      await world.formed(names)
      for (let step = 0; step < 25; step += 1) await disturb()
      Object.assign(world.broker.faults, { lostMessage: 0, lostAcknowledgement: 0 })
      const isAgreed = (): boolean => {
        const up = world.nodes.filter(isUp)
        const truth = up.map((node) => `${node.name}.${node.members.find(node.name)?.generation} active`)
        return up.every((node) => livingSeenBy(node) === truth.toSorted().join(', '))
      }
      // Whoever was killed while it joined is doubted only when it must have joined or failed.
      await world.until(isAgreed, 120_000)
      await world.run(10_000)
      expect(isAgreed(), world.report()).to.equal(true)
    })
  }
})
