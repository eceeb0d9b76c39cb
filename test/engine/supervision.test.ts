import {
  type ActorFailure,
  type ActorSystem,
  createActorSystem,
  type DeadLetter,
  HeapClock,
} from '@covey/engine'
import { expect } from 'chai'
import { fromPromise, setup } from 'xstate'
import { doorMachine } from './door.machine.js'

const fragileMachine = setup({
  types: {
    context: {} as { start: number; count: number },
    events: {} as { type: 'count.up' } | { type: 'count.burst' },
    input: {} as { start: number },
  },
  actions: { 'work.do': () => {} },
})
  .createMachine({
    id: 'fragile',
    context: ({ input }) => ({ start: input.start, count: input.start }),
    initial: 'idle',
    states: {
      idle: { on: { 'count.up': 'up', 'count.burst': { actions: 'work.do' } } },
      up: { on: { 'count.burst': { actions: 'work.do' } } },
    },
  })
  .provide({
    actions: {
      'work.do': () => {
        throw new Error('burst')
      },
    },
  })

describe('supervision', () => {
  let clock: HeapClock
  let failures: ActorFailure[]
  let letters: DeadLetter[]
  let system: ActorSystem

  beforeEach(() => {
    clock = new HeapClock()
    failures = []
    letters = []
    system = createActorSystem({
      node: 'n1',
      clock,
      onActorError: (failure) => failures.push(failure),
      onDeadLetter: (letter) => letters.push(letter),
      limits: { restartsMax: 3, restartBackoffMs: 100, restartBackoffMaxMs: 250, restartWindowMs: 1_000 },
    })
  })

  afterEach(() => {
    system.stopAll()
    expect(clock.size).to.equal(0)
  })

  const delays = (): (number | undefined)[] => failures.map(({ restartDelayMs }) => restartDelayMs)

  it('ends an actor that throws and takes no other down', () => {
    const actor = system.spawn(fragileMachine, { id: 'f', input: { start: 1 } })
    actor.subscribe(() => {})
    const observer = {
      heard: [] as unknown[],
      error(error: unknown) {
        this.heard.push(error)
      },
    }
    actor.subscribe(observer)
    system.spawn(doorMachine, { id: 'd' })
    system.send('f', { type: 'count.burst' })
    system.send('d', { type: 'door.open' })
    expect(failures).to.have.length(1)
    expect(failures[0]).to.include({ address: 'f', restartDelayMs: undefined })
    expect(failures[0]!.error).to.be.an('error').with.property('message', 'burst')
    expect(observer.heard).to.deep.equal([failures[0]!.error])
    expect(system.has('f')).to.equal(false)
    expect(system.snapshot('d')).to.include({ value: 'open' })
  })

  it('starts an actor again from its input after a wait, in which its events are dead letters', () => {
    const seen: string[] = []
    system.tap = ({ from, event, to }) => seen.push(`${from} ${event} ${to}`)
    system.spawn(fragileMachine, { id: 'f', input: { start: 5 }, supervision: 'restart' })
    system.send('f', { type: 'count.up' })
    system.send('f', { type: 'count.burst' })
    system.send('f', { type: 'count.up' })
    expect(letters).to.deep.equal([{ address: 'f', event: { type: 'count.up' }, reason: 'restarting' }])
    expect(system.has('f')).to.equal(true)
    expect(() => system.spawn(doorMachine, { id: 'f' })).to.throw('taken')
    clock.advance(100)
    expect(system.snapshot('f')).to.deep.include({ value: 'idle', context: { start: 5, count: 5 } })
    expect(seen).to.deep.equal([
      ' xstate.init idle',
      'idle count.up up',
      'up xstate.error ',
      ' xstate.init idle',
    ])
  })

  it('waits twice as long each time, up to a bound, and gives up after restartsMax in a row', () => {
    system.spawn(fragileMachine, { id: 'f', input: { start: 1 }, supervision: 'restart' })
    for (let burst = 0; burst < 4; burst += 1) {
      system.send('f', { type: 'count.burst' })
      clock.advance(250)
    }
    expect(delays()).to.deep.equal([100, 200, 250, undefined])
    expect(system.has('f')).to.equal(false)
  })

  it('starts the row anew for an actor that lived long enough', () => {
    system.spawn(fragileMachine, { id: 'f', input: { start: 1 }, supervision: 'restart' })
    for (const livedMs of [0, 0, 1_001, 0]) {
      clock.advance(livedMs)
      system.send('f', { type: 'count.burst' })
      clock.runUntil(clock.next() ?? clock.now())
    }
    expect(delays()).to.deep.equal([100, 200, 100, 200])
  })

  it('restarts nobody that was stopped meanwhile', () => {
    system.spawn(fragileMachine, { id: 'f', input: { start: 1 }, supervision: 'restart' })
    system.send('f', { type: 'count.burst' })
    expect(system.stop('f')).to.equal(true)
    expect(clock.size).to.equal(0)
    expect(system.has('f')).to.equal(false)
  })

  it('hears of an actor that fails at its start', () => {
    system.spawn(fragileMachine, { id: 'f', input: undefined as unknown as { start: number } })
    expect(failures).to.have.length(1)
    expect(failures[0]!.error).to.be.instanceOf(TypeError)
    expect(system.has('f')).to.equal(false)
  })

  it('hears of a promise that was refused', async () => {
    const refused = new Promise<ActorFailure>((resolve) => {
      const own = createActorSystem({ node: 'n2', clock, onActorError: resolve })
      own.spawn(
        fromPromise(() => Promise.reject(new Error('refused'))),
        { id: 'p' },
      )
    })
    expect((await refused).error).to.have.property('message', 'refused')
  })

  it('throws the error in a turn of its own where nobody listens', () => {
    const silent = createActorSystem({ node: 'n2', clock })
    silent.spawn(fragileMachine, { id: 'f', input: { start: 1 } })
    silent.send('f', { type: 'count.burst' })
    expect(() => clock.advance(0)).to.throw('burst')
  })

  it('lets an actor end itself after the event it is busy with', () => {
    const seen: string[] = []
    system.tap = ({ from, event, to }) => seen.push(`${from} ${event} ${to}`)
    const leaving = fragileMachine.provide({
      actions: { 'work.do': ({ self }) => void system.stop(self.id) },
    })
    system.spawn(leaving, { id: 'l', input: { start: 1 } })
    system.send('l', { type: 'count.burst' })
    expect(system.has('l')).to.equal(false)
    expect(seen).to.deep.equal([' xstate.init idle', 'idle xstate.stop '])
    expect(failures).to.deep.equal([])
  })
})
