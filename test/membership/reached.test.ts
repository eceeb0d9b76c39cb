import { relayAnswer, relayMessage } from '@covey/protocol'
import { createWorld, type SimulatedNode, type SimulatedWorld } from '@covey/simulator'
import { expect } from 'chai'
import { ScriptedMember } from '../harness/scripted-member.js'

describe('K13 S3 a node that joins is probed by those who take part', () => {
  let world: SimulatedWorld
  const members: ScriptedMember[] = []
  beforeEach(() => {
    world = createWorld({ seed: 1, nodes: { roles: ['manager'] } })
  })
  afterEach(async () => {
    await world.awaiting(Promise.all(members.splice(0).map(({ links }) => links.close())), 1_000)
    await world.close()
  })

  /** Two members that answer; each says whether it reaches who joins. */
  const join = async (...reaches: boolean[]): Promise<void> => {
    for (const [index, reached] of reaches.entries()) {
      const member = new ScriptedMember(world, `x${index}`)
      member.reaches = reached
      members.push(member)
      await world.awaiting(member.join(), 1_000)
    }
  }

  it('and takes no part where none of them reaches it, though it reaches them', async () => {
    await join(false, false)
    const node = world.node('a')
    await world.until(() => node.notReady !== undefined, 5_000)
    expect(node.notReady).to.include({ code: 'unreachable' })
    expect(node.notReady?.message).to.include('x0, x1 did not reach it at covey.test.node.a.1.probe')
    expect(node.end).to.deep.include({ state: 'failed', reason: 'unreachable' })
  })

  it('and takes part where one of them reaches it, or nobody says that it does not', async () => {
    await join(false, true)
    const node = world.node('a')
    await world.until(() => node.self !== undefined, 2_000)
    for (const member of members) {
      member.reaches = false
      member.answersRelays = false
    }
    const other = world.node('b')
    await world.until(() => other.self !== undefined, 2_000)
  })

  it('by each of them: whether it is joining, or unknown there yet; of who has ended no more is asked', async () => {
    const [helper] = (await world.formed(['a', 'b'])) as [SimulatedNode]
    const links = world.broker.open('stranger')
    let heard = 0
    links.control.subscribe(world.subjects.node('stranger', 1, 'probe'), () => {
      heard += 1
    })
    const ask = async (name: string): Promise<string> => {
      const question = relayMessage.encode({
        ...{ from: name, generation: 1 },
        subject: { node: name, generation: 1 },
      })
      const subject = world.subjects.node(helper.name, 1, 'probe')
      const outcome = await world.awaiting(links.control.request(subject, question, 1_000), 2_000)
      return outcome.kind === 'reply' ? String(relayAnswer.decode(outcome.data).answered) : outcome.kind
    }
    expect(await ask('stranger')).to.equal('false')
    expect(heard).to.equal(1)
    const leaver = world.nodes.find(({ name }) => name === 'b')
    expect(await ask('b')).to.equal('true')
    await world.awaiting(leaver?.leave() ?? Promise.resolve(), 5_000)
    await world.until(() => helper.members.find('b')?.state === 'departed', 2_000)
    expect(await ask('b')).to.equal('false')
    await world.awaiting(links.close(), 1_000)
  })
})
