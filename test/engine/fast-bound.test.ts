import { fast, fastBound } from '@covey/engine'
import { expect } from 'chai'
import { type AnyStateMachine, assign, createActor, setup } from 'xstate'

const machine = setup({
  types: { context: {} as { n: number }, events: {} as { type: 'go' } },
  actions: { 'bus.send': (_, _params: { n: number }) => {}, note: assign({ n: 1 }) },
}).createMachine({
  id: 'm',
  context: { n: 0 },
  initial: 'a',
  states: {
    a: { on: { go: { actions: ['note', { type: 'bus.send', params: ({ context }) => context }] } } },
  },
})

describe('a machine that is bound many times', () => {
  it('shares its states, and each binding has its own effects', () => {
    const sent: string[] = []
    const [one, other] = ['one', 'other'].map((name) =>
      fastBound(machine, { 'bus.send': (_, { n }) => void sent.push(`${name} ${n}`) }),
    )
    expect(one!.root).to.equal(other!.root)
    for (const logic of [one!, other!, machine]) createActor(logic).start().send({ type: 'go' })
    expect(sent).to.deep.equal(['one 1', 'other 1'])
  })

  it('may be bound again, by provide too, and restores a snapshot as its own', () => {
    const sent: number[] = []
    const first = fastBound(machine, {})
    const again = first.provide({ actions: { 'bus.send': (_, { n }) => void sent.push(n) } })
    createActor(fast(again)).start().send({ type: 'go' })
    expect(sent).to.deep.equal([1])
    const snapshot = first.getPersistedSnapshot(first.resolveState({ value: 'a', context: { n: 5 } }))
    const actor = createActor(first, { snapshot }).start()
    expect(actor.getSnapshot().machine).to.equal(first)
  })

  it('has a table of its own where what is bound is an assign', () => {
    const other = fastBound(machine as AnyStateMachine, { note: assign({ n: 7 }) })
    const actor = createActor(other).start()
    actor.send({ type: 'go' })
    expect(actor.getSnapshot().context).to.deep.equal({ n: 7 })
  })
})
