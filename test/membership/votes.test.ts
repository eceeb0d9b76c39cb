import { departedFact } from '@covey/protocol'
import type { SimulatedNode } from '@covey/simulator'
import { createWorld, type SimulatedWorld } from '@covey/simulator'
import { expect } from 'chai'
import { ScriptedMember } from '../harness/scripted-member.js'

describe('votes', () => {
  let world: SimulatedWorld
  let manager: SimulatedNode
  let voters: ScriptedMember[]
  let subject: ScriptedMember

  /** One real manager, three members that vote as they are told, and a fourth whom they vote about. */
  beforeEach(async () => {
    world = createWorld({ seed: 1, nodes: { roles: ['manager'] } })
    manager = world.node('a')
    voters = ['b', 'c', 'd'].map((name) => new ScriptedMember(world, name))
    subject = new ScriptedMember(world, 'x')
    await world.awaiting(Promise.all([...voters, subject].map((member) => member.join())), 1_000)
    await world.run(4_000)
  })
  afterEach(async () => {
    const closing = Promise.all([...voters, subject].map(({ links }) => links.close()))
    await world.awaiting(closing, 1_000)
    await world.close()
  })

  const stateOf = (): string | undefined => manager.members.find('x')?.state
  const repeat = async (rounds: number, vote: () => void): Promise<void> => {
    for (let round = 0; round < rounds; round += 1) {
      vote()
      await world.run(250)
    }
  }
  const allVote = (): void => {
    for (const voter of voters) voter.vote(['x'])
  }

  it('O8 a vote makes a suspect at once, and K32 runs out after two periods when it is not repeated', async () => {
    voters[0]!.vote(['x'])
    await world.run(10)
    expect(stateOf()).to.equal('suspect')
    await world.run(480)
    expect(stateOf()).to.equal('suspect')
    await world.run(270)
    expect(stateOf()).to.equal('active')
  })

  it('P6 a node that others suspect again and again asks less often and waits longer, until it is well', async () => {
    const suspectIt = (): void => {
      for (const voter of voters) voter.vote(['a'])
    }
    const asked = (): number => [...voters, subject].reduce((sum, { heardProbes }) => sum + heardProbes, 0)
    await repeat(40, suspectIt)
    const once = asked()
    subject.answersAfterMs = 300
    await repeat(40, suspectIt)
    expect(asked() - once).to.be.within(3, 15)
    expect(manager.path('peer.x')).to.not.include('suspect')
    await world.run(20_000)
    const before = asked()
    await world.run(10_000)
    expect(asked() - before).to.be.at.least(38)
    expect(manager.path('peer.x')).to.include('suspect')
  })

  it('K32 a vote is withdrawn by being missing from the next statement', async () => {
    voters[0]!.vote(['x'])
    await world.run(10)
    voters[0]!.vote([])
    await world.run(10)
    expect(stateOf()).to.equal('active')
  })

  it('K32 votes that nobody stands by when asked once more depart nobody', async () => {
    await repeat(40, allVote)
    expect(stateOf()).to.equal('suspect')
    expect(manager.endings).to.deep.equal([])
  })

  it('K13 K32 votes that stand depart it, with the quorum, the electorate and the votes in the fact', async () => {
    subject.answers = false
    for (const voter of voters) voter.suspects = true
    await repeat(12, allVote)
    expect(manager.endings).to.deep.equal(['x.1 crashed'])
    const fact = world.subjects.fact('x', 1, 'departed')
    const outcome = await world.awaiting(manager.env.links.facts.read(fact), 100)
    const body = outcome.kind === 'found' ? departedFact.decode(outcome.fact.data) : undefined
    expect(body).to.deep.include({ kind: 'crashed', by: 'a' })
    expect(body?.evidence?.quorum).to.equal(2)
    expect(body?.evidence?.electorate).to.have.members(['a', 'b', 'c', 'd'])
    expect(body?.evidence?.votes.length).to.be.within(2, 4)
  })

  it('K13 a vote that nobody else shares departs nobody while others answer', async () => {
    subject.answers = false
    await world.run(30_000)
    expect(stateOf()).to.equal('suspect')
    expect(manager.endings).to.deep.equal([])
  })

  it('invariant 17 the vote of a sick observer is not heard', async () => {
    await repeat(8, () => voters[0]!.vote(['x'], 4))
    expect(stateOf()).to.equal('active')
    await repeat(1, () => voters[0]!.vote(['x'], 3))
    expect(stateOf()).to.equal('suspect')
  })

  it('invariant 17 the vote of a suspect observer does not count', async () => {
    voters[0]!.answers = false
    await world.until(() => manager.members.find('b')?.state === 'suspect', 5_000)
    await repeat(4, () => voters[0]!.vote(['x']))
    expect(stateOf()).to.equal('active')
  })

  it('K14 a manager whose own link is not settled keeps its vote to itself', async () => {
    let votes = 0
    subject.links.control.subscribe(world.subjects.news('vote', 'a'), () => {
      votes += 1
    })
    world.broker.disconnect('a-1')
    subject.answers = false
    await world.until(() => stateOf() === 'suspect', 5_000)
    await world.run(500)
    expect(votes).to.equal(0)
    await world.run(5_000)
    expect(votes).to.be.greaterThan(0)
  })
})
