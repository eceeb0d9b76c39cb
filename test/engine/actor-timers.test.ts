import { type ActorSystem, createActorSystem, fast } from '@covey/engine'
import { expect } from 'chai'
import { setup } from 'xstate'
import { CountingClock } from './counting-clock.js'
import { doorMachine } from './door.machine.js'

describe('timers of actors', () => {
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

  it('cost each actor its own, however many others have some', () => {
    const door = fast(doorMachine)
    for (let index = 0; index < 20_000; index += 1) {
      system.spawn(door, { id: `d${index}` })
      system.send(`d${index}`, { type: 'door.open' })
    }
    expect([clock.armed, clock.cleared, clock.heap.size]).to.deep.equal([20_000, 0, 20_000])
    system.stop('d7')
    expect([clock.armed, clock.cleared, clock.heap.size]).to.deep.equal([20_000, 1, 19_999])
    system.send('d8', { type: 'door.shut' })
    expect([clock.armed, clock.cleared, clock.heap.size]).to.deep.equal([20_000, 2, 19_998])
    system.stopAll()
    expect([clock.armed, clock.cleared, clock.heap.size]).to.deep.equal([20_000, 20_000, 0])
    expect(system.addresses()).to.deep.equal([])
  })

  it('survive a restore at their original due time', () => {
    const actor = system.spawn(doorMachine, { id: 'd' })
    system.send('d', { type: 'door.open' })
    clock.heap.advance(200)
    const snapshot = JSON.parse(JSON.stringify(actor.getPersistedSnapshot()))
    const timers = system.timersOf('d')
    expect(timers).to.deep.equal([
      { id: 'xstate.after.shutMs.door.open', event: { type: 'xstate.after.shutMs.door.open' }, dueMs: 500 },
    ])
    system.stop('d')
    clock.heap.advance(100)
    system.restore(doorMachine, { id: 'd', snapshot, timers })
    expect(system.timersOf('d')).to.deep.equal(timers)
    clock.heap.runUntil(499)
    expect(system.snapshot('d')).to.include({ value: 'open' })
    clock.heap.runUntil(500)
    expect(system.snapshot('d')).to.include({ value: 'shut' })
  })

  it('that were past due at the restore fire at once, the oldest first', () => {
    const machine = setup({
      types: { context: {} as { seen: string[] } },
      actions: { 'log.note': (_, _params: { at: string }) => {} },
    }).createMachine({
      id: 'm',
      initial: 'a',
      context: { seen: [] },
      states: {
        a: {
          on: {
            one: { actions: { type: 'log.note', params: { at: 'one' } } },
            two: { actions: { type: 'log.note', params: { at: 'two' } } },
          },
        },
      },
    })
    const seen: string[] = []
    const bound = machine.provide({ actions: { 'log.note': (_, { at }) => void seen.push(at) } })
    const snapshot = machine.getPersistedSnapshot(machine.resolveState({ value: 'a', context: { seen: [] } }))
    clock.heap.runUntil(1_000)
    const timers = [
      { id: 'later', event: { type: 'two' }, dueMs: 700 },
      { id: 'sooner', event: { type: 'one' }, dueMs: 600 },
    ]
    system.restore(bound, { id: 'm', snapshot, timers })
    expect(seen).to.deep.equal([])
    clock.heap.advance(0)
    expect(seen).to.deep.equal(['one', 'two'])
  })

  it('are not armed for an actor that had ended before its restore', () => {
    const snapshot = doorMachine.getPersistedSnapshot(doorMachine.resolveState({ value: 'closed' }))
    system.restore(doorMachine, {
      id: 'd',
      snapshot,
      timers: [{ id: 't', event: { type: 'door.open' }, dueMs: 5 }],
    })
    expect(system.has('d')).to.equal(false)
    expect(clock.armed).to.equal(0)
  })

  it('end an actor that has more than its limit', () => {
    const failures: unknown[] = []
    const bounded = createActorSystem({
      node: 'n2',
      clock,
      limits: { timersPerActorMax: 2 },
      onActorError: ({ error }) => failures.push((error as Error).message),
    })
    const region = { initial: 'x', states: { x: { after: { 10: 'y' } }, y: {} } } as const
    const machine = setup({}).createMachine({
      id: 'p',
      type: 'parallel',
      states: { a: region, b: region, c: region },
    })
    bounded.spawn(machine, { id: 'p' })
    expect(failures).to.deep.equal(['p has 2 delayed events, its limit'])
    expect(clock.heap.size).to.equal(0)
  })
})
