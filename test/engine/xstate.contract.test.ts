import { createRequire } from 'node:module'
import { expect } from 'chai'
import { type AnyActorRef, type AnyActorScope, createActor, type EventObject, setup } from 'xstate'

const machine = setup({
  types: { context: {} as { n: number } },
  actions: { 'bus.send': (_, _params: { n: number }) => {} },
  delays: { waitMs: 40 },
}).createMachine({
  id: 'm',
  context: { n: 7 },
  initial: 'a',
  states: {
    a: {
      after: { waitMs: 'b' },
      on: { go: { target: 'b', actions: { type: 'bus.send', params: ({ context }) => context } } },
    },
    b: {},
  },
})

type Call = readonly [string, ...unknown[]]

/** A parent whose system only writes down what stock actors ask of it. */
function recordingParent(calls: Call[]): AnyActorRef {
  const note =
    (name: string, answer?: unknown) =>
    (...args: unknown[]): unknown => {
      calls.push([name, ...args])
      return answer
    }
  const system = {
    _bookId: note('_bookId', 'session-1'),
    _register: note('_register'),
    _unregister: note('_unregister'),
    _sendInspectionEvent: () => {},
    _relay: note('_relay'),
    scheduler: { schedule: note('schedule'), cancel: note('cancel'), cancelAll: note('cancelAll') },
    _clock: 'our clock',
    _logger: () => {},
  }
  return { id: 'parent', sessionId: 'parent', system } as unknown as AnyActorRef
}

describe('what the engine takes from inside xstate', () => {
  it('is version 5.33.3', () => {
    expect(createRequire(import.meta.url)('xstate/package.json').version).to.equal('5.33.3')
  })

  it('takes the system of the parent as it is, with its clock and session ids', () => {
    const parent = recordingParent([])
    const actor = createActor(machine, { id: 'a', parent })
    expect(actor.system).to.equal(parent.system)
    expect(actor.sessionId).to.equal('session-1')
    expect(actor.clock).to.equal('our clock')
  })

  it('arms, cancels and ends timers through the scheduler of the system', () => {
    const calls: Call[] = []
    const actor = createActor(machine, { id: 'a', parent: recordingParent(calls) }).start()
    const id = 'xstate.after.waitMs.m.a'
    const named = (name: string): Call[] => calls.filter(([called]) => called === name)
    expect(named('schedule')).to.deep.equal([['schedule', actor, actor, { type: id }, 40, id]])
    const hidden = actor as unknown as { _send(event: EventObject): void; _stop(): void }
    hidden._send({ type: 'go' })
    expect(named('cancel')).to.deep.equal([['cancel', actor, id]])
    hidden._stop()
    expect(named('cancelAll')).to.deep.equal([['cancelAll', actor]])
  })

  it('relays what is sent, registers at the start and unregisters at the end with its status', () => {
    const calls: Call[] = []
    const actor = createActor(machine, { id: 'a', parent: recordingParent(calls) })
    const status = (): number => (actor as unknown as { _processingStatus: number })._processingStatus
    expect(status()).to.equal(0)
    actor.start()
    expect(status()).to.equal(1)
    actor.send({ type: 'go' })
    expect(calls.at(-1)).to.deep.equal(['_relay', undefined, actor, { type: 'go' }])
    expect(actor.getSnapshot().value).to.equal('a')
    ;(actor as unknown as { _stop(): void })._stop()
    expect(calls.map(([name]) => name)).to.have.members([
      '_bookId',
      '_register',
      'schedule',
      '_relay',
      'cancelAll',
      '_unregister',
    ])
    expect(calls.at(-1)).to.deep.equal(['_unregister', actor])
    expect(status()).to.equal(2)
  })

  it('tells the parent of a failure through the relay, after it has unregistered', () => {
    const calls: Call[] = []
    const failing = machine.provide({
      actions: {
        'bus.send': () => {
          throw new Error('thrown by an effect')
        },
      },
    })
    const parent = recordingParent(calls)
    const actor = createActor(failing, { id: 'a', parent }).start()
    ;(actor as unknown as { _send(event: EventObject): void })._send({ type: 'go' })
    const last = calls.slice(-2)
    expect(last.map(([name]) => name)).to.deep.equal(['_unregister', '_relay'])
    expect(last[1]!.slice(1, 3)).to.deep.equal([actor, parent])
    expect(last[1]![3]).to.include({ type: 'xstate.error.actor.a', actorId: 'a' })
    expect(actor.getSnapshot().status).to.equal('error')
  })

  it('hands effects of machine.transition to the executor of the scope, as data', () => {
    const asked: unknown[] = []
    const scope = {
      self: {},
      system: { _sendInspectionEvent: () => {} },
      actionExecutor: ({ type, params }: { type: string; params: unknown }) => asked.push([type, params]),
    } as unknown as AnyActorScope
    const before = machine.resolveState({ value: 'a', context: { n: 7 } })
    const after = machine.transition(before, { type: 'go' }, scope)
    expect(after.value).to.equal('b')
    expect(asked).to.deep.equal([
      ['xstate.cancel', { sendId: 'xstate.after.waitMs.m.a' }],
      ['bus.send', { n: 7 }],
    ])
    expect(machine.transition(before, { type: 'unknown' }, scope)).to.equal(before)
  })
})
