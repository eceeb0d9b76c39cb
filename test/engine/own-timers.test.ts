import { type ActorSystem, createActorSystem, fast } from '@covey/engine'
import { expect } from 'chai'
import { cancel, createMachine, raise, setup } from 'xstate'
import { CountingClock } from './counting-clock.js'

describe('the delayed events of one actor', () => {
  let clock: CountingClock
  let system: ActorSystem

  beforeEach(() => {
    clock = new CountingClock()
    system = createActorSystem({ node: 'n1', clock })
  })

  afterEach(() => {
    system.stopAll()
    expect(clock.heap.size).to.equal(0)
  })

  /** In either of its states it waits for two delays; whatever goes through notes what came. */
  const waiter = (came: string[]) => {
    const after = { 1000: { actions: 'noteLong' }, 300: { actions: 'noteShort' } } as const
    const noting = setup({
      actions: { noteLong: () => void came.push('long'), noteShort: () => void came.push('short') },
    })
    return fast(
      noting.createMachine({
        id: 'waiter',
        initial: 'one',
        states: {
          one: { on: { 'turn.over': 'two' }, after },
          two: { on: { 'turn.over': 'one' }, after },
        },
      }),
    )
  }

  it('have one timer of the clock together, which stays where they are taken out and armed again', () => {
    const came: string[] = []
    system.spawn(waiter(came), { id: 'w' })
    expect(clock.heap.size).to.equal(1)
    // What is armed anew is due later than the clock rings.
    const armed = clock.armed
    for (let turn = 0; turn < 20; turn += 1) {
      clock.heap.advance(10)
      system.send('w', { type: 'turn.over' })
    }
    expect([clock.armed - armed, clock.heap.size]).to.deep.equal([0, 1])
    clock.heap.advance(299)
    expect(came).to.deep.equal([])
    clock.heap.advance(1)
    expect(came).to.deep.equal(['short'])
    clock.heap.advance(699)
    expect(came).to.deep.equal(['short'])
    clock.heap.advance(1)
    expect(came).to.deep.equal(['short', 'long'])
    expect(clock.heap.size).to.equal(0)
  })

  it('that are due together come in the order of their arming, and none that another one has taken out', () => {
    const came: string[] = []
    const machine = setup({
      actions: { note: (_, { what }: { readonly what: string }) => came.push(what) },
    }).createMachine({
      id: 'both',
      initial: 'waiting',
      context: {},
      entry: [
        raise({ type: 'first.due' }, { id: 'first', delay: 50 }),
        raise({ type: 'second.due' }, { id: 'second', delay: 50 }),
        raise({ type: 'third.due' }, { id: 'third', delay: 50 }),
      ],
      states: {
        waiting: {
          on: {
            'first.due': { actions: [{ type: 'note', params: { what: 'first' } }, cancel('second')] },
            'second.due': { actions: { type: 'note', params: { what: 'second' } } },
            'third.due': { actions: { type: 'note', params: { what: 'third' } } },
          },
        },
      },
    })
    system.spawn(machine, { id: 'both' })
    clock.heap.advance(50)
    expect(came).to.deep.equal(['first', 'third'])
  })

  it('come once where the clock rings a little early by its own account', () => {
    const came: string[] = []
    const now = clock.now.bind(clock)
    system.spawn(waiter(came), { id: 'w' })
    clock.now = () => now() - 0.4
    clock.heap.advance(300)
    expect(came).to.deep.equal(['short'])
    clock.heap.advance(1_000)
    expect(came).to.deep.equal(['short', 'long'])
  })

  it('that are armed again at once, for ever, leave the clock and others their turn', () => {
    const came: string[] = []
    const again = fast(
      setup({ actions: { note: () => void came.push('again') } }).createMachine({
        id: 'again',
        initial: 'one',
        states: {
          one: { after: { 0: { target: 'two', actions: 'note' } } },
          two: { after: { 0: { target: 'one', actions: 'note' } } },
        },
      }),
    )
    system.spawn(again, { id: 'again' })
    clock.heap.setTimeout(() => system.stop('again'), 0)
    clock.heap.advance(1)
    expect(came).to.deep.equal(['again'])
  })

  it('that are due by a clock that has been slowed are waited for, and come once', () => {
    const came: string[] = []
    const now = clock.now.bind(clock)
    system.spawn(waiter(came), { id: 'w' })
    // What was to ring at 300 ms rings then, at 150 by the clock that is slow now.
    clock.now = () => now() / 2
    clock.heap.advance(300)
    expect(came).to.deep.equal(['short'])
    system.send('w', { type: 'turn.over' })
    clock.heap.advance(299)
    expect(came).to.deep.equal(['short'])
    clock.heap.advance(1)
    expect(came).to.deep.equal(['short', 'short'])
  })

  it('go on where the host throws in what one of them sets off', () => {
    const fail = new Error('from the host')
    const onTransition = ({ event }: { readonly event: string }): void => {
      if (event === 'short.due') throw fail
    }
    const throwing = createActorSystem({ node: 'n2', clock, onTransition })
    const machine = createMachine({
      id: 'two',
      initial: 'waiting',
      entry: [
        raise({ type: 'short.due' }, { id: 'short', delay: 300 }),
        raise({ type: 'long.due' }, { id: 'long', delay: 1_000 }),
      ],
      states: {
        waiting: { on: { 'short.due': 'between' } },
        between: { on: { 'long.due': 'over' } },
        over: {},
      },
    })
    const actor = throwing.spawn(machine, { id: 'two' })
    expect(() => clock.heap.advance(300)).to.throw(fail)
    clock.heap.advance(700)
    expect(actor.getSnapshot().value).to.equal('over')
    throwing.stopAll()
  })
})
