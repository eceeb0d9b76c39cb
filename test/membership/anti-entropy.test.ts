import { probeDoor } from '@covey/protocol'
import { createWorld, type SimulatedNode, type SimulatedWorld } from '@covey/simulator'
import { expect } from 'chai'

describe('anti-entropy', () => {
  let world: SimulatedWorld
  afterEach(() => world.close())

  /** A node of this name does not hear of facts about `c` by its watch while `isDeaf`. */
  const makeDeaf = (name: string): { isDeaf: boolean } => {
    const ear = { isDeaf: false }
    const open = world.broker.open.bind(world.broker)
    world.broker.open = (who, generation) => {
      const links = open(who, generation)
      if (who !== name) return links
      const watch = links.facts.watch.bind(links.facts)
      links.facts.watch = (pattern, { onFact, ...watcher }) =>
        watch(pattern, {
          ...watcher,
          onFact: (fact) => {
            if (!ear.isDeaf || !fact.subject.includes('.c.')) onFact(fact)
          },
        })
      return links
    }
    return ear
  }
  const incarnationSeenBy = (node: SimulatedNode): number => {
    const snapshot = node.env.system.snapshot('peer.c') as { context: { incarnation: number } } | undefined
    return snapshot?.context.incarnation ?? -1
  }

  it('A3 who has missed the goodbye and every fact of a departure learns of it in a few comparisons', async () => {
    world = createWorld({ seed: 1, nodes: { roles: ['manager'] } })
    const ear = makeDeaf('b')
    const [, deaf, leaver] = await world.formed(['a', 'b', 'c', 'd', 'e'])
    await world.run(4_000)
    ear.isDeaf = true
    world.broker.cut('b', 'toProcess')
    const left = leaver!.leave()
    await world.awaiting(left, 5_000)
    world.broker.heal('b')
    ear.isDeaf = true
    await world.until(() => deaf!.endings.includes('c.1 left'), 8_000)
  })

  it('S5 who has missed that a suspicion was refuted learns the incarnation from others', async () => {
    world = createWorld({ seed: 1, nodes: { roles: ['manager'] } })
    const nodes = await world.formed(['a', 'b', 'c', 'd'])
    await world.run(4_000)
    nodes[2]!.env.system.send('node.c', {
      ...{ type: 'suspicion.heard', observer: 'a', generation: 1 },
      ...{ incarnation: 4, atMs: nodes[2]!.clock.now() },
    })
    world.broker.faults.lostMessage = 1
    await world.run(20)
    world.broker.faults.lostMessage = 0
    const others = nodes.filter(({ name }) => name !== 'c')
    expect(others.map(incarnationSeenBy)).to.deep.equal([0, 0, 0])
    await world.until(() => others.every((node) => incarnationSeenBy(node) === 5), 20_000)
  })

  it('equal views cost two small messages a comparison, however large they are', async () => {
    world = createWorld({ seed: 1, nodes: { roles: ['manager'] } })
    const nodes = await world.formed(Array.from({ length: 12 }, (_, index) => `n${index}`))
    await world.run(4_000)
    const sizes: number[] = []
    const subject = world.subjects.node('n0', 1, 'probe')
    const kinds = new Set<string>()
    nodes[1]!.env.links.control.subscribe(subject, ({ data }) => {
      const { kind } = probeDoor.decode(data)
      kinds.add(kind)
      if (kind === 'member.sum') sizes.push(data.length)
    })
    await world.run(20_000)
    expect(sizes.length).to.be.within(3, 30)
    expect(Math.max(...sizes)).to.be.lessThan(60)
    expect([...kinds].toSorted()).to.deep.equal(['member.sum', 'node.probe'])
  })
})
