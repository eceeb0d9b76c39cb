import { departedFact } from '@covey/protocol'
import { createWorld } from '@covey/simulator'
import { expect } from 'chai'
import { ScriptedMember } from '../harness/scripted-member.js'

describe('the electorate', () => {
  it('K13 holds whoever answers when votes are asked for once more, however long its turn was ago', async () => {
    // Two leases are over before everybody had a turn, as in a large cluster.
    const world = createWorld({ seed: 1, nodes: { roles: ['manager'], timings: { workerLeaseMs: 200 } } })
    const manager = world.node('a')
    const voters = ['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name) => new ScriptedMember(world, name))
    const subject = new ScriptedMember(world, 'x')
    const all = [...voters, subject]
    await world.awaiting(Promise.all(all.map((member) => member.join())), 1_000)
    await world.run(4_000)
    subject.answers = false
    for (const voter of voters) voter.suspects = true
    for (let round = 0; round < 16 && manager.endings.length === 0; round += 1) {
      for (const voter of voters.slice(0, 3)) voter.vote(['x'])
      await world.run(250)
    }
    expect(manager.endings).to.deep.equal(['x.1 crashed'])
    const [fact] = await world.awaiting(
      manager.env.links.facts.list(world.subjects.fact('x', 1, 'departed')),
      1_000,
    )
    const { evidence } = departedFact.decode(fact!.data)
    expect(evidence?.votes).to.include.members(['b', 'c', 'd'])
    expect(evidence?.electorate).to.include.members(['b', 'c', 'd'])
    expect(evidence?.quorum).to.be.greaterThan(1)
    await world.awaiting(Promise.all(all.map(({ links }) => links.close())), 1_000)
    await world.close()
  })
})
