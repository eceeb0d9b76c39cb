import {
  accusationMessage,
  gossipMessage,
  type MemberRecord,
  probeDoor,
  recordsMessage,
  voteMessage,
} from '@covey/protocol'
import { createWorld, type SimulatedNode, type SimulatedWorld } from '@covey/simulator'
import type { Links } from '@covey/transport'
import { expect } from 'chai'

describe('stale news', () => {
  let world: SimulatedWorld
  let nodes: SimulatedNode[]
  /** Records that runs of nodes were sent, by `node.generation`. */
  let sent: string[]
  let listener: Links
  beforeEach(async () => {
    world = createWorld({ seed: 1, nodes: { roles: ['manager'] } })
    nodes = await world.formed(['a', 'b', 'c'])
    await world.run(4_000)
    sent = []
    listener = world.broker.open('listener')
    listener.control.subscribe('covey.test.node.*.*.probe', ({ subject, data }) => {
      const { kind, body } = probeDoor.decode(data)
      const to = subject.split('.').slice(3, 5).join('.')
      if (kind !== 'member.records') return
      for (const { node, generation, phase, incarnation, dep } of body.records) {
        sent.push(`${to}: ${node}.${generation} ${phase} ${incarnation} ${dep}`)
      }
    })
  })
  afterEach(async () => {
    await world.awaiting(listener.close(), 1_000)
    await world.close()
  })

  const speak = (from: string, incarnation: number, number: number, generation = 1): void => {
    const suspects = [{ node: 'c', generation, incarnation }]
    const vote = voteMessage.encode({ generation: 1, number: 1_000 + number, health: 0, suspects })
    nodes[0]!.env.links.control.publish(world.subjects.news('vote', from), vote)
  }
  const incarnationSeenBy = (node: SimulatedNode): number => {
    const snapshot = node.env.system.snapshot('peer.c') as { context: { incarnation: number } } | undefined
    return snapshot?.context.incarnation ?? -1
  }

  it('O7 S5 an accused node answers its accuser directly, and tells everybody', async () => {
    const { links, subjects } = nodes[0]!.env
    const accusation = accusationMessage.encode({ from: 'a', generation: 1, incarnation: 0 })
    const asking = links.control.request(subjects.node('c', 1, 'probe'), accusation, 100)
    const outcome = await world.awaiting(asking, 200)
    const gossip = outcome.kind === 'reply' ? gossipMessage.decode(outcome.data) : undefined
    expect(gossip).to.deep.equal({ generation: 1, incarnation: 1, state: 'active' })
    await world.run(50)
    expect(nodes.slice(0, 2).map(incarnationSeenBy)).to.deep.equal([1, 1])
  })

  it('S5 S6 S7 P9 a vote is answered to its speaker, at most once a second', async () => {
    speak('b', 0, 1)
    await world.run(50)
    expect(sent).to.deep.equal(['b.1: c.1 active 1 none'])
    speak('b', 0, 2)
    await world.run(50)
    expect(sent).to.have.lengthOf(1)
    await world.run(1_000)
    speak('b', 0, 3)
    await world.run(1_050)
    speak('b', 7, 4, 0)
    await world.run(50)
    expect(sent).to.deep.equal(Array(3).fill('b.1: c.1 active 1 none'))
    expect(incarnationSeenBy(nodes[0]!)).to.equal(1)
  })

  it('O8 a vote that its subject has refuted already makes nobody suspect it', async () => {
    speak('b', 0, 1)
    await world.run(600)
    const before = nodes[0]!.path('peer.c').length
    speak('b', 0, 2)
    await world.run(50)
    expect(nodes[0]!.path('peer.c').length).to.equal(before)
    speak('b', 1, 3)
    await world.run(50)
    expect(nodes[0]!.path('peer.c').slice(before)).to.include('suspect')
  })

  it('O4 O19 who speaks under a generation that is over is told so', async () => {
    nodes[2]!.kill()
    await world.until(() => nodes[0]!.endings.includes('c.1 crashed'), 20_000)
    const gossip = gossipMessage.encode({ generation: 1, incarnation: 9, state: 'active' })
    const say = () => nodes[0]!.env.links.control.publish(world.subjects.news('gossip', 'c'), gossip)
    sent.length = 0
    say()
    await world.run(50)
    // Nobody hears what oneself publishes under another's name but the other nodes.
    expect(new Set(sent)).to.deep.equal(new Set(['c.1: c.1 active 0 crashed']))
    const told = sent.length
    say()
    await world.run(50)
    expect(sent.length).to.equal(told)
    world.node('c')
    await world.until(() => nodes[0]!.view.includes('c.2 active'), 5_000)
    await world.run(1_000)
    say()
    await world.run(50)
    expect(sent.slice(told)).to.include('c.1: c.2 active 0 none')
  })

  it('O2 a record alone ends nobody: it makes a node look at the facts, which decide', async () => {
    const lie = (record: MemberRecord): void => {
      const frame = recordsMessage.encode({ from: 'b', generation: 1, records: [record] })
      for (const name of ['a', 'c']) {
        nodes[1]!.env.links.control.publish(world.subjects.node(name, 1, 'probe'), frame)
      }
    }
    lie({ node: 'c', generation: 1, phase: 'active', incarnation: 0, dep: 'crashed' })
    lie({ node: 'c', generation: 7, phase: 'active', incarnation: 0, dep: 'none' })
    lie({ node: 'stranger', generation: 1, phase: 'active', incarnation: 0, dep: 'none' })
    const joiner = world.node('d')
    await world.until(() => joiner.generation === 1, 1_000)
    const early = { node: 'd', generation: 1, phase: 'joining', incarnation: 0, dep: 'none' } as const
    const frame = recordsMessage.encode({ from: 'b', generation: 1, records: [early] })
    nodes[1]!.env.links.control.publish(world.subjects.node('d', 1, 'probe'), frame)
    await world.run(3_000)
    expect(joiner.view).to.equal('a.1 active, b.1 active, c.1 active')
    expect(nodes[2]!.membership.state()).to.equal('active')
    expect(nodes[0]!.view).to.equal('b.1 active, c.1 active, d.1 active')
  })
})
