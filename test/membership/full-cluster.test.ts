import { activeFact, departedFact, joinedFact, limits } from '@covey/protocol'
import { createWorld, type SimulatedWorld } from '@covey/simulator'
import type { Links } from '@covey/transport'
import { expect } from 'chai'
import { ScriptedMember } from '../harness/scripted-member.js'

const { greetedPeersMax, joinersFollowedMax, membersMax } = limits
const body = {
  ...{ bootId: 'the-boot-of-a-former-life', host: 'h', pid: 1, roles: [], slots: 0 },
  ...{ version: '1.0.0', since: '' },
}

const isDefect = ({ kind }: { kind: string }): boolean => kind === 'defect'

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
  const fill = async (answering: number, from = 0): Promise<void> => {
    for (let index = from; index < answering; index += 1) {
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

  it('is refused beside others that come at once, and nobody calls that a defect; whom there is room for is followed', async () => {
    const member = world.node('m0')
    await world.until(() => member.self !== undefined, 5_000)
    await fill(greetedPeersMax, 1)
    // More than a node follows beyond those that take part.
    const stuck = Array.from({ length: joinersFollowedMax - 1 }, (_, index) => `stuck${index}`)
    for (const name of stuck) write(name, 'joined', joinedFact.encode(body))
    const late = ['late1', 'late2', 'late3'].map((name) => world.node(name))
    await world.until(() => late.every(({ notReady }) => notReady !== undefined), 10_000)
    expect(late.map(({ notReady }) => notReady?.code)).to.deep.equal(late.map(() => 'overloaded'))
    expect(member.members.all()).to.have.length(1 + membersMax + joinersFollowedMax)
    for (const { notices } of [member, ...late]) expect(notices.filter(isDefect)).to.deep.equal([])

    // Two have joined, of whom nobody has known: who is active takes the room of who has departed.
    for (const name of ['new1', 'new2']) write(name, 'joined', joinedFact.encode(body))
    for (const name of ['m11', 'm12'])
      write(name, 'departed', departedFact.encode({ kind: 'left', by: name }))
    await world.run(100)
    for (const name of ['new1', 'new2']) write(name, 'active', activeFact.encode({ bootId: body.bootId }))
    await world.run(100)
    expect(['new1', 'new2'].map((name) => member.members.find(name)?.state)).to.deep.equal([
      'active',
      'active',
    ])
  })

  it('S12 waits where it has taken part before, and comes back once there is room again', async () => {
    const back = world.node('back')
    await world.until(() => back.self !== undefined, 5_000)
    await fill(greetedPeersMax)
    const refusals = (): unknown[] => back.notices.filter(({ kind }) => kind === 'join.refused')
    write('back', 'departed', departedFact.encode({ kind: 'crashed', by: 'm0' }))
    await world.until(() => refusals().length > 1, 10_000)
    const reason = `${membersMax} nodes take part, and ${membersMax} may`
    expect(refusals()[0]).to.deep.equal({ kind: 'join.refused', reason })
    expect(back.end).to.equal(undefined)
    const isActive = (phases: string): boolean => phases.endsWith('active')
    expect((await phasesOf('back')).filter(isActive)).to.deep.equal(['1 active'])

    write('m11', 'departed', departedFact.encode({ kind: 'left', by: 'm11' }))
    const own = () => back.members.find('back')
    await world.until(() => own()?.state === 'active', 60_000)
    const now = `${own()?.generation} active`
    expect((await phasesOf('back')).filter(isActive)).to.deep.equal(['1 active', now])
  })

  it('is let in where none of them answers: they may all be dead, and nobody else would say so', async () => {
    await fill(0)
    const node = world.node('first')
    await world.until(() => node.self !== undefined, 5_000)
  })
})
