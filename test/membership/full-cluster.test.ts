import { activeFact, departedFact, joinedFact, limits } from '@covey/protocol'
import { createWorld, type SimulatedWorld } from '@covey/simulator'
import type { Links } from '@covey/transport'
import { expect } from 'chai'
import { ScriptedMember } from '../harness/scripted-member.js'

const { greetedPeersMax, membersMax } = limits
const body = {
  ...{ bootId: 'the-boot-of-a-former-life', host: 'h', pid: 1, roles: [], slots: 0 },
  ...{ version: '1.0.0', since: '' },
}

describe('S3 a node that joins as many nodes as there may be', function () {
  this.timeout(30_000)
  let world: SimulatedWorld
  let store: Links
  const members: ScriptedMember[] = []
  beforeEach(() => {
    world = createWorld({ seed: 1 })
    store = world.broker.open('store')
  })
  afterEach(async () => {
    const opened = [store, ...members.splice(0).map(({ links }) => links)]
    await world.awaiting(Promise.all(opened.map((links) => links.close())), 1_000)
    await world.close()
  })

  const write = (name: string, phase: 'joined' | 'active' | 'departed', frame: Uint8Array): void =>
    void store.facts.create(world.subjects.fact(name, 1, phase), frame)
  /** As many as there may be, by their facts; so many of them answer. */
  const fill = async (answering: number): Promise<void> => {
    for (let index = 0; index < answering; index += 1) {
      const member = new ScriptedMember(world, `m${index}`)
      members.push(member)
      await world.awaiting(member.join(), 1_000)
    }
    for (let index = answering; index < membersMax; index += 1) {
      write(`m${index}`, 'joined', joinedFact.encode(body))
      write(`m${index}`, 'active', activeFact.encode({ bootId: body.bootId }))
    }
    await world.run(100)
  }
  const phasesOf = async (name: string): Promise<string[]> => {
    const facts = await world.awaiting(store.facts.list(world.subjects.factsOf(name)), 1_000)
    return facts.map(({ subject }) => subject.split('.').slice(-2).join(' '))
  }

  it('is refused, told why and what to do, and has not been active; others are let in where there is room', async () => {
    await fill(greetedPeersMax)
    const refused = world.node('late')
    await world.until(() => refused.notReady !== undefined, 5_000)
    expect(refused.notReady).to.include({ code: 'overloaded', address: 'late', retryable: true })
    expect(refused.notReady?.message).to.equal(
      `node late takes no part: the cluster is full: ${membersMax} nodes take part, and ${membersMax} may`,
    )
    expect(refused.notReady?.mend).to.include('covey leave')
    expect(refused.end).to.deep.include({ state: 'failed', reason: 'overloaded' })
    expect(await phasesOf('late')).to.deep.equal(['1 joined', '1 departed'])

    // Of a name that is there already the next generation is nobody more.
    const again = world.node(`m${greetedPeersMax}`)
    await world.until(() => again.self !== undefined, 5_000)
    expect(again.self?.generation).to.equal(2)

    // Who has departed does not count.
    write('m11', 'departed', departedFact.encode({ kind: 'left', by: 'm11' }))
    const late = world.node('late')
    await world.until(() => late.self !== undefined, 5_000)
    expect(late.self?.generation).to.equal(2)
  })

  it('is let in where none of them answers: they may all be dead, and nobody else would say so', async () => {
    await fill(0)
    const node = world.node('first')
    await world.until(() => node.self !== undefined, 5_000)
  })
})
