import { limits, type Transition } from '@covey/protocol'
import { expect } from 'chai'
import type { Client, TransitionFilter } from 'covey'
import { createMachine } from 'xstate'
import { ClientWorld } from './client-world.js'
import { WatchedNode } from './watched-node.js'

const idle = createMachine({
  id: 'idle',
  initial: 'idle',
  states: { idle: { on: { wake: 'awake' } }, awake: {} },
})

describe('State of many actors', () => {
  let world: ClientWorld
  let client: Client
  let node: WatchedNode

  beforeEach(async () => {
    world = new ClientWorld()
    client = await world.client()
    node = await new WatchedNode(world, 'm1').join()
  })
  afterEach(async () => {
    node.close()
    await world.close()
  })

  const fill = (count: number): void => {
    for (let index = 0; index < count; index += 1) node.move(`a${index}`, 'queued')
  }
  const watch = (filter?: TransitionFilter): Transition[] => {
    const seen: Transition[] = []
    client.transitions(filter).subscribe((transition) => seen.push(transition))
    return seen
  }
  const walkOf = (seen: readonly Transition[], actor: string): string[] =>
    seen.filter((transition) => transition.actor === actor).map(({ from, to }) => `${from}>${to}`)
  /** What somebody knows who has heard it all; each transition begins where the one before it ended. */
  const known = (seen: readonly Transition[]): Map<string, string> => {
    const states = new Map<string, string>()
    for (const { actor, from, to } of seen) {
      expect(from, actor).to.equal(states.get(actor) ?? '')
      expect(to, actor).to.not.equal(from)
      states.set(actor, to)
    }
    return states
  }
  const charts = (): Map<string, string> =>
    new Map([...node.charts].map(([actor, { state }]) => [actor, state]))
  const untilStated = async (parts: number): Promise<void> => {
    while (node.parts.length < parts) await world.pass(0.1)
  }

  it('K42 is told a part in each turn, so that its node does other things as well', async () => {
    fill(3 * limits.watchPartActorsMax + 1)
    const seen = watch()
    await world.pass(100)
    expect(node.parts.map(({ actors }) => actors)).to.deep.equal([512, 512, 512, 1])
    expect(new Set(node.parts.map(({ atMs }) => atMs)).size).to.equal(4)
    expect(known(seen)).to.deep.equal(charts())
  })

  it('K42 is true although actors move while it is told, those told of and those to come', async () => {
    const count = 4 * limits.watchPartActorsMax
    fill(count)
    const seen = watch()
    for (let parts = 1; parts < 4; parts += 1) {
      await untilStated(parts)
      for (let index = 0; index < count; index += 3) node.move(`a${index}`, `s${parts}`)
      node.move(`new${parts}`, 'queued')
    }
    await world.pass(100)
    node.move('a0', 'completed')
    await world.pass(10)
    expect(known(seen)).to.deep.equal(charts())
    // All that was there, what moved since, and the three that are new.
    expect(node.parts.map(({ actors }) => actors)).to.deep.equal([512, 512, 512, 512, 512, 177])
  })

  it('K42 comes to an end however much moves meanwhile', async () => {
    fill(4 * limits.watchPartActorsMax)
    const seen = watch()
    await untilStated(1)
    for (let index = 0; index <= limits.transitionsBufferedMax; index += 1) node.move('a0', `s${index}`)
    await world.pass(100)
    expect(node.parts).to.have.length(5)
    expect(known(seen)).to.deep.equal(charts())
  })

  it('K42 has no actor that ended while it was told', async () => {
    const { system } = node
    const last = limits.watchPartActorsMax + 9
    for (let index = 0; index <= last; index += 1) system.spawn(idle, { id: `p${index}` })
    const seen = watch()
    await untilStated(1)
    for (const actor of ['p0', `p${last}`]) system.stop(actor)
    system.send('p1', { type: 'wake' })
    system.spawn(idle, { id: 'brief' })
    system.stop('brief')
    await world.pass(100)
    known(seen)
    expect(walkOf(seen, 'p0')).to.deep.equal(['>idle', 'idle>'])
    expect(walkOf(seen, 'p1')).to.deep.equal(['>idle', 'idle>awake'])
    expect([...walkOf(seen, `p${last}`), ...walkOf(seen, 'brief')]).to.deep.equal([])
  })

  it('is looked for in as many actors as a turn has time for', async () => {
    fill(2 * limits.watchLooksMax + 1)
    node.move('wanted', 'queued')
    const seen = watch({ actor: 'wanted' })
    await world.pass(100)
    expect(node.parts.map(({ actors }) => actors)).to.deep.equal([0, 0, 1])
    expect(walkOf(seen, 'wanted')).to.deep.equal(['>queued'])
  })

  it('K42 is asked for again when leadership changes while it is told', async () => {
    fill(2 * limits.watchPartActorsMax + 1)
    const seen = watch()
    await untilStated(1)
    node.leads = []
    await world.pass(100)
    expect(seen).to.deep.equal([])
    node.leads = [0]
    await world.pass(limits.watchTtlMs)
    expect(known(seen)).to.deep.equal(charts())
  })

  it('is told to all who watch, in turn, and to none who has gone', async () => {
    fill(3 * limits.watchPartActorsMax - 1)
    const seen = [watch(), watch({ actor: 'a*' })]
    const leaving = client.transitions({ kind: 'workflow' }).subscribe()
    await untilStated(3)
    leaving.unsubscribe()
    await world.pass(100)
    expect(node.parts.length).to.be.within(7, 8)
    for (const each of seen) expect(known(each)).to.deep.equal(charts())
  })
})
