import { describeMachine } from '@covey/engine'
import * as machines from '@covey/machines'
import { expect } from 'chai'
import { type AnyStateMachine, createMachine, setup } from 'xstate'
import { definitionOf } from '../../packages/inspector/src/stately/definition.js'
import { stateValueOf } from '../../packages/inspector/src/stately/wire-message.js'

const all = Object.values(machines).filter(
  (machine): machine is Extract<typeof machine, AnyStateMachine> =>
    typeof machine === 'object' && 'states' in machine,
)

/** A machine as an inspector makes it of a definition. */
const madeOf = (machine: AnyStateMachine): AnyStateMachine =>
  createMachine(JSON.parse(definitionOf(describeMachine(machine))))

/** What is drawn of a machine. */
const drawn = (machine: AnyStateMachine) => {
  const { nodes, edges } = describeMachine(machine)
  return {
    states: nodes.map(({ id, key, parent, type, initial, description }) => ({
      ...{ id, key, parent, type, initial, description },
    })),
    // An inspector reads `after` beside `on`, whatever their order.
    edges: edges
      .map(({ source, targets, event, kind, guard }) => ({ source, targets, event, kind, guard }))
      .toSorted((one, other) => one.kind.localeCompare(other.kind)),
  }
}

describe('a definition for the inspector of Stately', () => {
  for (const machine of all) {
    it(`of the machine ${machine.id} makes the machine that was described`, () => {
      expect(drawn(madeOf(machine))).to.deep.equal(drawn(machine))
    })
  }

  it('keeps the order of states, transitions and guards, and whatever is nested however deep', () => {
    const deep = (depth: number): object =>
      depth === 0
        ? { type: 'final' }
        : {
            initial: `z${depth}`,
            states: { [`z${depth}`]: deep(depth - 1), a: { on: { back: `z${depth}` } } },
          }
    const machine = setup({ types: { events: {} as { type: 'back' } } }).createMachine({
      id: 'deep',
      ...deep(12),
    })
    const text = definitionOf(describeMachine(machine))
    expect(drawn(createMachine(JSON.parse(text)))).to.deep.equal(drawn(machine))
    expect(text.indexOf('"z12"')).to.be.below(text.indexOf('"a"'))
    expect(text).to.include('deep.z12.z11.z10.z9.z8.z7.z6.z5.z4.z3.z2.z1')
  })

  it('has parallel states and a history as they are', () => {
    const machine = createMachine({
      id: 'both',
      type: 'parallel',
      states: {
        left: { initial: 'one', states: { one: { always: 'two' }, two: {} } },
        right: {
          initial: 'on',
          states: { on: { after: { 500: 'off' } }, off: {}, was: { type: 'history' } },
        },
      },
    })
    expect(drawn(madeOf(machine))).to.deep.equal(drawn(machine))
  })
})

describe('a state value for the inspector of Stately', () => {
  const cases = {
    running: 'running',
    'a.b': { a: 'b' },
    'a.b.c': { a: { b: 'c' } },
    'left.one|right.on': { left: 'one', right: 'on' },
    'both.left.one|both.right.on.slow': { both: { left: 'one', right: { on: 'slow' } } },
  }
  for (const [text, value] of Object.entries(cases)) {
    it(`of ${text} is what xstate means by it`, () => {
      expect(stateValueOf(text)).to.deep.equal(value)
    })
  }
})
