import { type ActorSystem, createActorSystem, type DeadLetter, fast, HeapClock } from '@covey/engine'
import { expect } from 'chai'
import { type AnyActorRef, log, sendParent, setup } from 'xstate'
import { doorMachine } from './door.machine.js'

const relaySetup = setup({
  types: {
    context: {} as { next: string },
    events: {} as { type: 'ball.hit'; hops: number },
    input: {} as { next: string },
  },
  actions: { 'bus.send': (_, _params: { to: string; hops: number }) => {} },
})

const relayMachine = relaySetup.createMachine({
  id: 'relay',
  context: ({ input }) => input,
  initial: 'open',
  states: {
    open: {
      on: {
        'ball.hit': {
          guard: ({ event }) => event.hops > 0,
          actions: {
            type: 'bus.send',
            params: ({ context, event }) => ({ to: context.next, hops: event.hops - 1 }),
          },
        },
      },
    },
  },
})

describe('actor system', () => {
  let clock: HeapClock
  let letters: DeadLetter[]
  let system: ActorSystem

  beforeEach(() => {
    clock = new HeapClock()
    letters = []
    system = createActorSystem({
      node: 'n1',
      clock,
      onDeadLetter: (letter) => letters.push(letter),
      limits: { pendingEventsMax: 1_000, actorsMax: 3_000 },
    })
  })

  afterEach(() => {
    system.stopAll()
    expect(clock.size).to.equal(0)
  })

  /** Spawns a ring of actors that each pass a ball on. */
  function spawnRing(size: number, passed: string[]): void {
    const bound = relayMachine.provide({
      actions: {
        'bus.send': ({ self }, { to, hops }) => {
          passed.push(self.id)
          system.send(to, { type: 'ball.hit', hops })
        },
      },
    })
    const logic = fast(bound)
    for (let index = 0; index < size; index += 1) {
      system.spawn(logic, { id: `r${index}`, input: { next: `r${(index + 1) % size}` } })
    }
  }

  it('carries an event through 50,000 hops without recursion', () => {
    const passed: string[] = []
    spawnRing(2_000, passed)
    system.send('r0', { type: 'ball.hit', hops: 50_000 })
    expect(passed.length).to.equal(50_000)
    expect(passed[49_999]).to.equal('r1999')
    expect(system.deadLetters).to.equal(0)
  })

  it('delivers in one order for all: first in, first out', () => {
    const passed: string[] = []
    spawnRing(2, passed)
    const starter = relayMachine.provide({
      actions: {
        'bus.send': () => {
          for (const to of ['r0', 'r1', 'r0']) system.send(to, { type: 'ball.hit', hops: 2 })
        },
      },
    })
    system.spawn(starter, { id: 'starter', input: { next: '' } })
    system.send('starter', { type: 'ball.hit', hops: 1 })
    expect(passed).to.deep.equal(['r0', 'r1', 'r0', 'r1', 'r0', 'r1'])
  })

  it('refuses an address that is taken and frees it with its actor', () => {
    system.spawn(doorMachine, { id: 'd' })
    expect(() => system.spawn(doorMachine, { id: 'd' })).to.throw('taken')
    expect(system.stop('d')).to.equal(true)
    expect(system.stop('d')).to.equal(false)
    expect(system.has('d')).to.equal(false)
    expect(system.spawn(doorMachine, { id: 'd' }).sessionId).to.equal('n1/1')
    expect(system.addresses()).to.deep.equal(['d'])
    expect(system.snapshot('d')).to.include({ value: 'shut' })
  })

  it('refuses one actor more than its limit', () => {
    spawnRing(3_000, [])
    expect(() => system.spawn(doorMachine, { id: 'd' })).to.throw('limit')
  })

  it('makes a dead letter of what is sent to nobody, to who has ended and over the limit', () => {
    const opened = { type: 'door.open' } as const
    system.send('nobody', opened)
    const actor = system.spawn(doorMachine, { id: 'd' })
    for (const event of [opened, { type: 'door.close' }] as const) system.send('d', event)
    expect(system.has('d')).to.equal(false)
    actor.send(opened)
    system.send('d', opened)
    expect(letters).to.deep.equal([
      { address: 'nobody', event: opened, reason: 'unknown' },
      { address: 'd', event: opened, reason: 'stopped' },
      { address: 'd', event: opened, reason: 'unknown' },
    ])
    const flood = relayMachine.provide({
      actions: {
        'bus.send': () => {
          for (let count = 0; count < 1_001; count += 1)
            system.send('sink', { type: 'ball.hit', hops: count })
        },
      },
    })
    system.spawn(relayMachine, { id: 'sink', input: { next: '' } })
    system.spawn(flood, { id: 'flood', input: { next: '' } })
    letters.length = 0
    system.send('flood', { type: 'ball.hit', hops: 1 })
    const overflown = letters.filter(({ reason }) => reason === 'overflow')
    expect(overflown).to.deep.equal([
      { address: 'sink', event: { type: 'ball.hit', hops: 1_000 }, reason: 'overflow' },
    ])
    expect(system.deadLetters).to.equal(letters.length + 3)
  })

  it('refuses names, inspection and logs beside addresses and the tap, and knows no parent', () => {
    const failures: string[] = []
    const strict = createActorSystem({
      node: 'n2',
      clock,
      onActorError: ({ error }) => failures.push((error as Error).message),
      onDeadLetter: (letter) => letters.push(letter),
    })
    const logging = setup({}).createMachine({ entry: log('heard') })
    strict.spawn(logging, { id: 'l' })
    expect(failures[0]).to.contain('does not log')
    const telling = setup({}).createMachine({ entry: sendParent({ type: 'child.spoke' }) })
    const { system: inner } = strict.spawn(telling, { id: 't' }) as unknown as {
      system: AnyActorRef['system']
    }
    expect(letters).to.deep.equal([{ address: 'n2', event: { type: 'child.spoke' }, reason: 'unknown' }])
    expect(() => inner.inspect(() => {})).to.throw('tap')
    expect(inner.get('t')).to.equal(inner.getAll().t)
  })

  it('goes on with what is queued after a callback of the host has thrown', () => {
    system.spawn(doorMachine, { id: 'd' })
    const twice = relayMachine.provide({
      actions: {
        'bus.send': () => {
          for (const address of ['d', 'd2']) system.send(address, { type: 'door.open' })
        },
      },
    })
    system.spawn(twice, { id: 'twice', input: { next: '' } })
    system.spawn(doorMachine, { id: 'd2' })
    system.tap = () => {
      system.tap = undefined
      throw new Error('thrown by the tap')
    }
    expect(() => system.send('twice', { type: 'ball.hit', hops: 1 })).to.throw('thrown by the tap')
    expect(system.snapshot('d2')).to.include({ value: 'shut' })
    clock.advance(0)
    expect(system.snapshot('d2')).to.include({ value: 'open' })
  })
})
