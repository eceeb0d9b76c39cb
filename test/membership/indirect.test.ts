import { probeAnswer, probeMessage } from '@covey/protocol'
import { createWorld, type SimulatedNode, type SimulatedWorld } from '@covey/simulator'
import { expect } from 'chai'
import { ScriptedMember } from '../harness/scripted-member.js'

describe('indirect probes', () => {
  let world: SimulatedWorld
  const scripted: ScriptedMember[] = []
  beforeEach(() => {
    world = createWorld({ seed: 1, nodes: { roles: ['manager'] } })
  })
  afterEach(async () => {
    await world.awaiting(Promise.all(scripted.splice(0).map(({ links }) => links.close())), 1_000)
    await world.close()
  })
  const join = async (...names: string[]): Promise<ScriptedMember[]> => {
    const members = names.map((name) => new ScriptedMember(world, name))
    scripted.push(...members)
    await world.awaiting(Promise.all(members.map((member) => member.join())), 1_000)
    await world.run(4_000)
    return members
  }
  const healthOf = async (node: SimulatedNode): Promise<number> => {
    const { links, subjects } = node.env
    const question = probeMessage.encode({ from: 'test', generation: 1 })
    const asking = links.control.request(subjects.node(node.name, 1, 'probe'), question, 100)
    const outcome = await world.awaiting(asking, 1_000)
    return outcome.kind === 'reply' ? probeAnswer.decode(outcome.data).health : -1
  }

  it('SWIM a peer that does not hear one observer is asked by others in its place, and nobody suspects it', async () => {
    const nodes = await world.formed(['a', 'b', 'c'])
    const [subject] = await join('x')
    subject!.ignores.add('a')
    await world.run(20_000)
    expect(subject!.heardProbes).to.be.greaterThan(100)
    for (const node of nodes) expect(node.path('peer.x')).not.to.include('suspect')
    expect(await healthOf(nodes[0]!)).to.equal(0)
  })

  it('O7 O8 who was asked in vain for another agrees at once: a silent peer has its voices within a period', async () => {
    const nodes = await world.formed(['a', 'b', 'c', 'd', 'e', 'f'])
    const [subject] = await join('x')
    let voices = 0
    subject!.links.control.subscribe(world.subjects.newsOfAll('vote'), () => {
      voices += 1
    })
    subject!.answers = false
    const everybody = () => nodes.every((node) => node.members.find('x')?.state === 'suspect')
    await world.until(everybody, 2_000)
    await world.run(250)
    expect(voices).to.be.at.least(4)
    const tookMs = await world.until(
      () => nodes.every(({ endings }) => endings.includes('x.1 crashed')),
      3_000,
    )
    expect(tookMs).to.be.lessThan(1_600)
  })

  it('P6 helpers that say nothing at all make a node doubt itself, and one that says no does not', async () => {
    const node = world.node('a')
    const members = await join('b', 'c', 'd', 'x')
    for (const helper of members) helper.answersRelays = false
    members[3]!.answers = false
    await world.until(() => node.members.find('x')?.state === 'suspect', 3_000)
    await world.run(300)
    expect(await healthOf(node)).to.be.at.least(2)
  })

  it('K14 where nobody listens nobody else is asked: the word of the broker is enough for a suspicion', async () => {
    const nodes = await world.formed(['a', 'b', 'c', 'd', 'e', 'f', 'g'])
    await world.run(4_000)
    nodes[6]!.kill()
    const others = nodes.slice(0, 6)
    const tookMs = await world.until(() => others.every((node) => node.view.includes('g.1 suspect')), 2_000)
    expect(tookMs).to.be.lessThan(1_000)
    for (const node of others) expect(await healthOf(node)).to.equal(0)
  })
})
