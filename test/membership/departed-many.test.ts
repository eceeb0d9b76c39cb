import { createSubjects, departedFact, gossipMessage, joinedFact, limits } from '@covey/protocol'
import { createWorld } from '@covey/simulator'
import { expect } from 'chai'
import { Endings } from '../../actors/membership/endings.js'
import type { FactNews } from '../../actors/membership/fact-watch.js'
import { OldFacts } from '../../actors/membership/old-facts.js'

const { departedKeptMs, endingsPerNameMax, membersMax, namesKeptMax } = limits
const body = {
  ...{ bootId: 'the-boot-of-a-former-life', host: 'h', pid: 1, roles: [], slots: 0 },
  ...{ version: '1.0.0', since: '' },
}
const endOf = (nodeId: string, generation: number) =>
  ({ nodeId, generation, how: 'left', dirty: false }) as const

describe('nodes that came and went', () => {
  it('S-A1 leave no actor and no timer behind, be they thousands', async function () {
    this.timeout(30_000)
    const world = createWorld({ seed: 1 })
    // A day passes: nobody needs to be asked four times a second in it.
    const timings = { probeIntervalMs: 600_000 }
    const one = world.node('one', { roles: ['manager'], timings })
    await world.until(() => one.self !== undefined, 5_000)
    const sizeOf = () => ({ actors: one.env.system.addresses().length, timers: one.clock.size })
    const before = sizeOf()
    const store = world.broker.open('store')
    for (let index = 0; index < 3 * membersMax; index += 1) {
      const subject = (phase: 'joined' | 'departed') => world.subjects.fact(`gone-${index}`, 1, phase)
      const left = departedFact.encode({ kind: 'left', by: `gone-${index}` })
      void store.facts.create(subject('joined'), joinedFact.encode(body))
      void store.facts.create(subject('departed'), left)
    }
    await world.run(1_000)
    expect(one.members.find(`gone-${3 * membersMax - 1}`)?.state).to.equal('departed')
    expect(one.members.all()).to.have.length(membersMax + 1)
    expect(sizeOf().actors).to.be.at.most(before.actors + membersMax)
    expect(sizeOf().timers).to.be.at.most(before.timers + membersMax)
    expect(one.members.endOf('gone-0', 1)?.how).to.equal('left')
    const shown = one.members.all().map(({ nodeId }) => nodeId)
    const gossip = gossipMessage.encode({ generation: 1, incarnation: 0, state: 'active' })
    for (let index = 0; index < 10; index += 1)
      store.control.publish(world.subjects.news('gossip', `rumour-${index}`), gossip)
    await world.run(1_000)
    const after = one.members.all().map(({ nodeId }) => nodeId)
    expect(after, 'nobody gives way to a rumour').to.deep.equal(shown)
    await world.run(departedKeptMs + 1_000)
    expect(sizeOf()).to.deep.equal(before)
    await world.awaiting(store.close(), 1_000)
    await world.close()
  })

  it('are remembered by name up to a limit, beyond which the first goes that has ended', () => {
    const endings = new Endings()
    const oldFacts = new OldFacts(createSubjects('test'))
    const note = (nodeId: string, generation: number, hasEnded: boolean): void => {
      endings.joined(nodeId, generation)
      oldFacts.note({ kind: 'joined', nodeId, generation, body })
      if (!hasEnded) return
      const ending = endOf(nodeId, generation)
      endings.departed(ending)
      const news: FactNews = { kind: 'departed', nodeId, generation, ending, isReadmission: false }
      oldFacts.note(news)
    }
    note('alive', 1, false)
    for (let index = 0; index < namesKeptMax + 500; index += 1) note(`gone-${index}`, 1, true)
    expect([endings.size, oldFacts.size]).to.deep.equal([namesKeptMax, namesKeptMax])
    expect(endings.newest('alive')).to.equal(1)
    expect(endings.of('gone-0', 1)).to.equal(undefined)
    expect(endings.of(`gone-${namesKeptMax}`, 1)).to.deep.equal(endOf(`gone-${namesKeptMax}`, 1))
  })

  it('K47 of one name the last ends are kept, and of those before it is known that they are over', () => {
    const endings = new Endings()
    const count = 10 * endingsPerNameMax
    for (let generation = 1; generation <= count; generation += 1) {
      if (generation % 2 === 0) endings.joined('a', generation)
      endings.departed(endOf('a', generation))
    }
    expect(endings.of('a', count)?.how).to.equal('left')
    expect(endings.of('a', 1)?.how).to.equal('superseded')
    expect(endings.of('a', count + 1)).to.equal(undefined)
  })
})
