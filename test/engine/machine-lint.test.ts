import { lintMachine, reachableStates, unboundEffects } from '@covey/engine'
import { expect } from 'chai'
import { type AnyStateMachine, and, assign, createMachine, not, raise, setup, spawnChild } from 'xstate'
import { taskMachine } from './task.machine.js'

const sound = { version: '1', options: { maxIterations: 1_000 } }
const rests = { rests: 'the user ends this' }

/** What is wrong with a machine, as `state: what`. */
const wrong = (machine: AnyStateMachine): string[] =>
  lintMachine(machine).map(({ state, what }) => `${state}: ${what}`)

/** A machine with nothing wrong but what the one state brings. */
const holding = (state: object): AnyStateMachine =>
  setup({
    actions: { 'bus.send': () => {}, note: assign({}) },
    guards: { isOdd: () => true },
    delays: { waitMs: 5 },
  }).createMachine({
    ...sound,
    id: 'm',
    initial: 'a',
    states: { a: { description: 'A state.', meta: rests, ...state } },
  } as never) as unknown as AnyStateMachine

describe('lint', () => {
  it('finds nothing wrong with a sound machine', () => {
    const machine = holding({
      entry: ['bus.send', 'note'],
      after: { waitMs: { guard: and(['isOdd', not('isOdd')]), target: 'a' } },
    })
    expect(wrong(machine)).to.deep.equal([])
  })

  it('finds names that nobody declared, wherever they stand', () => {
    const found: [object, string][] = [
      [{ entry: 'bus.sned' }, 'action bus.sned'],
      [{ exit: { type: 'bus.sned' } }, 'action bus.sned'],
      [{ on: { go: { actions: 'bus.sned' } } }, 'action bus.sned'],
      [{ always: { guard: 'isOdd', actions: 'bus.sned' } }, 'action bus.sned'],
      [{ on: { go: { guard: 'isOod' } } }, 'guard isOod'],
      [{ on: { go: { guard: and(['isOdd', not({ type: 'isOod' } as never)]) } } }, 'guard isOod'],
      [{ after: { waitMS: 'a' } }, 'delay waitMS'],
      [{ on: { go: { actions: raise({ type: 'x' }, { delay: 'waitMS' as never }) } } }, 'delay waitMS'],
      [{ invoke: { src: 'dialer' } }, 'actor dialer'],
      [{ entry: spawnChild('dialer' as never) }, 'actor dialer'],
    ]
    for (const [state, name] of found)
      expect(wrong(holding(state))).to.deep.equal([`m.a: ${name} is not declared`])
    const [problem] = lintMachine(holding({ after: { waitMS: 'a' } }))
    expect(problem).to.deep.equal({
      machine: 'm',
      state: 'm.a',
      what: 'delay waitMS is not declared',
      mend: 'declare it in setup({ delays }); declared are waitMs',
    })
  })

  it('finds names that say too little', () => {
    const machine = setup({ actions: { send: () => {} } }).createMachine({
      ...sound,
      id: 'm',
      entry: ['send', () => {}],
      on: { GO: {}, 'peer.*': {}, 'peer.joined': {} },
      meta: rests,
    })
    expect(wrong(machine)).to.deep.equal([
      'm: event GO is not noun.verb in lower case',
      'm: event peer.* is not noun.verb in lower case',
      'm: effect send is not area.verb',
      'm: an inline effect',
    ])
  })

  it('finds states that are not described, wait without a clock or cannot be entered', () => {
    const machine = createMachine({
      ...sound,
      id: 'm',
      initial: 'a',
      states: {
        a: { description: 'Here.', on: { go: 'b' } },
        b: {
          after: { 5: 'c' },
          initial: 'inner',
          description: 'There.',
          states: { inner: { description: 'In there.' } },
        },
        c: { type: 'final' },
        d: { description: 'Never.', always: 'a' },
      },
    })
    expect(wrong(machine)).to.deep.equal([
      'm.a: waits without a clock',
      'm.c: no description',
      'm.d: no transition leads here',
    ])
    expect([...reachableStates(machine)].map(({ id }) => id)).to.have.members([
      'm',
      'm.a',
      'm.b',
      'm.b.inner',
      'm.c',
    ])
  })

  it('finds a machine without version or bound', () => {
    expect(wrong(createMachine({ id: 'm', meta: rests }))).to.deep.equal([
      'm: no version',
      'm: a cycle of always or raise would hang',
    ])
  })
})

describe('unbound effects', () => {
  it('names the declared effects that are still without behaviour', () => {
    const bound = taskMachine.provide({ actions: { 'bus.send': () => {} } })
    expect(unboundEffects(taskMachine, bound)).to.deep.equal(['metric.add'])
    expect(unboundEffects(taskMachine, bound.provide({ actions: { 'metric.add': () => {} } }))).to.deep.equal(
      [],
    )
  })
})
