import { createStepper, FoldError } from '@covey/engine'
import { expect } from 'chai'
import {
  type AnyStateMachine,
  assign,
  cancel,
  createMachine,
  emit,
  enqueueActions,
  raise,
  setup,
} from 'xstate'

const leaseMachine = setup({
  types: {
    context: {} as { worker: string; renewals: number },
    events: {} as
      | { type: 'lease.grant'; worker: string }
      | { type: 'lease.renew' }
      | { type: 'lease.drop' }
      | { type: 'lease.poison' },
    input: {} as { worker: string },
    output: {} as { renewals: number },
  },
  actions: {
    'bus.send': (_, _params: { to: string }) => {
      throw new Error('a stub that must never run')
    },
  },
  delays: { leaseMs: 8_000, renewMs: ({ context }) => 1_000 + context.renewals },
}).createMachine({
  id: 'lease',
  context: ({ input }) => ({ worker: input.worker, renewals: 0 }),
  initial: 'free',
  output: ({ context }) => ({ renewals: context.renewals }),
  states: {
    free: {
      on: {
        'lease.grant': { target: 'held', actions: assign({ worker: ({ event }) => event.worker }) },
        'lease.drop': 'dropped',
      },
    },
    held: {
      entry: { type: 'bus.send', params: ({ context }) => ({ to: context.worker }) },
      after: { leaseMs: 'free', renewMs: { actions: { type: 'bus.send', params: { to: 'all' } } } },
      on: {
        'lease.renew': {
          target: 'held',
          reenter: true,
          actions: assign({ renewals: ({ context }) => context.renewals + 1 }),
        },
        'lease.drop': 'dropped',
        'lease.poison': {
          actions: [
            { type: 'bus.send', params: { to: 'lost' } },
            assign(() => {
              throw new Error('poison')
            }),
          ],
        },
      },
    },
    dropped: { type: 'final' },
  },
})

const leaseTimer = 'xstate.after.leaseMs.lease.held'
const renewTimer = 'xstate.after.renewMs.lease.held'

describe('stepper', () => {
  const stepper = createStepper(leaseMachine)
  const free = stepper.initial({ worker: 'none' }).snapshot
  const granted = stepper.step(free, { type: 'lease.grant', worker: 'w1' })

  it('K16 answers after as timers to be recorded, and effects as data, and runs neither', () => {
    expect(granted.snapshot.value).to.equal('held')
    expect(granted.effects).to.deep.equal([{ type: 'bus.send', params: { to: 'w1' } }])
    expect(granted.armed).to.deep.equal([
      { id: leaseTimer, event: { type: leaseTimer }, delayMs: 8_000 },
      { id: renewTimer, event: { type: renewTimer }, delayMs: 1_000 },
    ])
    expect(granted.cancelled).to.deep.equal([])
    expect(granted.changed).to.equal(true)
  })

  it('K16 cancels the timers of a state that is left and arms those of one that is entered again', () => {
    const renewed = stepper.step(granted.snapshot, { type: 'lease.renew' })
    expect(renewed.cancelled).to.deep.equal([leaseTimer, renewTimer])
    expect(renewed.armed.map(({ id, delayMs }) => [id, delayMs])).to.deep.equal([
      [leaseTimer, 8_000],
      [renewTimer, 1_001],
    ])
    const dropped = stepper.step(renewed.snapshot, { type: 'lease.drop' })
    expect([dropped.armed.length, dropped.cancelled.length]).to.deep.equal([0, 2])
  })

  it('moves on when a timer it armed is given back as due', () => {
    const [lease, renew] = granted.armed
    const asked = stepper.step(granted.snapshot, renew!.event)
    expect([asked.snapshot, asked.changed]).to.deep.equal([granted.snapshot, false])
    expect(asked.effects).to.deep.equal([{ type: 'bus.send', params: { to: 'all' } }])
    expect(stepper.step(granted.snapshot, lease!.event).snapshot.value).to.equal('free')
  })

  it('leaves a chart as it is that has no transition for the event, or that has ended', () => {
    const nothing = { effects: [], armed: [], cancelled: [], changed: false }
    expect(stepper.step(free, { type: 'lease.renew' })).to.deep.equal({ snapshot: free, ...nothing })
    const { snapshot } = stepper.step(free, { type: 'lease.drop' })
    expect(snapshot).to.include({ status: 'done', value: 'dropped' })
    expect(snapshot.output).to.deep.equal({ renewals: 0 })
    const late = stepper.step(snapshot, { type: 'lease.grant', worker: 'w2' })
    expect(late.snapshot).to.equal(snapshot)
    expect(late).to.deep.include(nothing)
  })

  it('K38 throws a FoldError with the cause, keeps the chart, and forgets what the step had asked for', () => {
    let thrown: unknown
    try {
      stepper.step(granted.snapshot, { type: 'lease.poison' })
    } catch (error) {
      thrown = error
    }
    expect(thrown).to.be.instanceOf(FoldError)
    expect(thrown).to.include({ machine: 'lease', event: 'lease.poison' })
    expect((thrown as FoldError).cause).to.have.property('message', 'poison')
    const after = stepper.step(granted.snapshot, { type: 'lease.drop' })
    expect(after.effects).to.deep.equal([])
    expect(after.snapshot.value).to.equal('dropped')
  })

  it('K38 throws a FoldError where a chart fails at its start', () => {
    expect(() => stepper.initial(undefined as unknown as { worker: string })).to.throw(
      FoldError,
      'xstate.init',
    )
  })

  it('parks a chart as plain data and takes it up again', () => {
    const packed = stepper.pack(granted.snapshot)
    expect(packed).to.deep.equal({ value: 'held', context: { worker: 'w1', renewals: 0 }, status: 'active' })
    const again = stepper.step(stepper.unpack(structuredClone(packed)), { type: 'lease.drop' })
    expect(stepper.pack(again.snapshot)).to.deep.equal({
      value: 'dropped',
      context: { worker: 'w1', renewals: 0 },
      status: 'done',
      output: { renewals: 0 },
    })
    expect(stepper.unpack(stepper.pack(again.snapshot))).to.deep.include({
      status: 'done',
      output: { renewals: 0 },
    })
    expect(() => stepper.unpack({ ...packed, value: 'nowhere' })).to.throw('nowhere')
  })

  it('forgets a timer that is armed and cancelled within one step', () => {
    const machine = createMachine({
      id: 'm',
      initial: 'a',
      states: { a: { on: { go: 'b' } }, b: { after: { 10: 'a' }, always: 'c' }, c: { after: { 20: 'a' } } },
    })
    const chart = createStepper(machine)
    const step = chart.step(chart.initial(undefined).snapshot, { type: 'go' })
    expect(step.armed.map(({ delayMs }) => delayMs)).to.deep.equal([20])
    expect(step.cancelled).to.deep.equal(['xstate.after.10.m.b'])
  })

  it('refuses a chart that does what no fold can do, and says what', () => {
    const refused: [string, AnyStateMachine][] = [
      ['invokes a child', createMachine({ id: 'm', invoke: { src: 'x' } })],
      ['history state', createMachine({ initial: 'a', states: { a: {}, h: { type: 'history' } } })],
      ['inline effect', createMachine({ entry: () => {} })],
      ['uses xstate.emit', createMachine({ exit: emit({ type: 'x' }) })],
      ['uses xstate.enqueueActions', createMachine({ on: { go: { actions: enqueueActions(() => {}) } } })],
      ['no id', createMachine({ on: { go: { actions: raise({ type: 'x' }, { delay: 5 }) } } })],
    ]
    for (const [words, machine] of refused) expect(() => createStepper(machine)).to.throw(words)
    const plain = createMachine({
      on: { go: { actions: [raise({ type: 'x' }, { delay: 5, id: 'x' }), cancel('x')] } },
    })
    const chart = createStepper(plain)
    expect(chart.step(chart.initial(undefined).snapshot, { type: 'go' })).to.deep.include({
      armed: [],
      cancelled: ['x'],
    })
  })
})
