import {
  type ActorSystem,
  type ActorTransition,
  createActorSystem,
  HeapClock,
  stateText,
} from '@covey/engine'
import { expect } from 'chai'
import { setup } from 'xstate'
import { doorMachine } from './door.machine.js'

describe('transition tap', () => {
  let clock: HeapClock
  let system: ActorSystem

  beforeEach(() => {
    clock = new HeapClock()
    system = createActorSystem({ node: 'n1', clock })
  })

  afterEach(() => system.stopAll())

  it('tells the tap of every change of state, from birth to end, and of nothing else', () => {
    const seen: ActorTransition[] = []
    system.tap = (transition) => seen.push(transition)
    system.spawn(doorMachine, { id: 'd' })
    clock.advance(20)
    system.send('d', { type: 'door.unknown' })
    system.send('d', { type: 'door.open' })
    clock.advance(500)
    system.send('d', { type: 'door.open' })
    system.send('d', { type: 'door.close' })
    const of = (from: string, event: string, to: string, elapsedMs: number): ActorTransition => ({
      actor: 'd',
      kind: 'door',
      from,
      event,
      to,
      elapsedMs,
    })
    expect(seen).to.deep.equal([
      of('', 'xstate.init', 'shut', 0),
      of('shut', 'door.open', 'open', 20),
      of('open', 'xstate.after.shutMs.door.open', 'shut', 500),
      of('shut', 'door.open', 'open', 0),
      of('open', 'door.close', 'closed', 0),
      of('closed', 'xstate.done', '', 0),
    ])
  })

  it('shows a tap that is set later what follows, and none once it is taken away', () => {
    const seen: string[] = []
    system.spawn(doorMachine, { id: 'd' })
    system.send('d', { type: 'door.open' })
    clock.advance(100)
    system.tap = ({ from, event, to, elapsedMs }) => seen.push(`${from} ${event} ${to} ${elapsedMs}`)
    clock.advance(30)
    system.send('d', { type: 'door.shut' })
    system.tap = undefined
    system.send('d', { type: 'door.open' })
    expect(seen).to.deep.equal(['open door.shut shut 30'])
  })

  it('tells a tap only of the charts that it names, from what is true when it names them', () => {
    const seen: string[] = []
    const tapOf = (...kinds: string[]) =>
      Object.assign(({ from, to }: ActorTransition) => seen.push(`${from} ${to}`), { kinds: new Set(kinds) })
    system.tap = tapOf('window')
    system.spawn(doorMachine, { id: 'd' })
    system.send('d', { type: 'door.open' })
    expect(seen).to.deep.equal([])
    system.tap = tapOf('window', 'door')
    system.send('d', { type: 'door.shut' })
    system.tap = tapOf('door')
    system.send('d', { type: 'door.open' })
    expect(seen).to.deep.equal(['open shut', 'shut open'])
  })

  it('names nested and parallel states by their paths', () => {
    const seen: string[] = []
    system.tap = ({ to }) => seen.push(to)
    const part = { initial: 'x', states: { x: { on: { 'go.on': 'y' } }, y: {} } } as const
    const machine = setup({}).createMachine({
      id: 'p',
      type: 'parallel',
      states: { a: part, c: { initial: 'd', states: { d: {} } } },
    })
    system.spawn(machine, { id: 'p' })
    system.send('p', { type: 'go.on' })
    system.stop('p')
    expect(seen).to.deep.equal(['a.x|c.d', 'a.y|c.d', ''])
  })

  it('is not told of children, which have no address', () => {
    const seen: string[] = []
    system.tap = ({ actor, to }) => seen.push(`${actor} ${to}`)
    const parent = setup({ actors: { door: doorMachine } }).createMachine({
      id: 'house',
      initial: 'inside',
      states: { inside: { invoke: { src: 'door', id: 'd' } } },
    })
    system.spawn(parent, { id: 'h' })
    system.stop('h')
    expect(seen).to.deep.equal(['h inside', 'h '])
  })

  it('writes state values as one word', () => {
    expect(stateText('a')).to.equal('a')
    expect(stateText({ a: { b: 'c' } })).to.equal('a.b.c')
    expect(stateText({ p: { one: 'x', two: 'y' } })).to.equal('p.one.x|p.two.y')
  })
})
