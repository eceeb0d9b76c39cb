import { describeMachine } from '@covey/engine'
import { expect } from 'chai'
import { setup } from 'xstate'
import { taskMachine } from './task.machine.js'

describe('description of a machine', () => {
  const description = describeMachine(taskMachine)

  it('keeps the states in the order they are written, with their effects', () => {
    expect(description.nodes.map(({ key }) => key)).to.deep.equal([
      'task',
      'queued',
      'assigned',
      'running',
      'completed',
      'failed',
      'cancelled',
    ])
    expect(description.nodes[0]).to.include({
      id: 'task',
      parent: undefined,
      type: 'compound',
      initial: 'task.queued',
    })
    expect(description.nodes[2]).to.deep.equal({
      id: 'task.assigned',
      key: 'assigned',
      parent: 'task',
      type: 'atomic',
      initial: undefined,
      description: undefined,
      entry: ['bus.send'],
      exit: ['metric.add'],
    })
  })

  it('has an edge for every transition, with its kind, guard and effects', () => {
    const from = (source: string): unknown[] => description.edges.filter((edge) => edge.source === source)
    expect(from('task.running')).to.deep.equal([
      {
        source: 'task.running',
        targets: ['task.completed'],
        event: 'task.done',
        kind: 'event',
        guard: undefined,
        actions: ['metric.add'],
      },
      {
        source: 'task.running',
        targets: ['task.failed'],
        event: 'task.failed',
        kind: 'event',
        guard: 'and(isOdd, not(mayRetry))',
        actions: [],
      },
      {
        source: 'task.running',
        targets: ['task.queued'],
        event: 'task.failed',
        kind: 'event',
        guard: undefined,
        actions: [],
      },
      {
        source: 'task.running',
        targets: [],
        event: 'task.note',
        kind: 'event',
        guard: undefined,
        actions: [],
      },
    ])
    expect(
      description.edges
        .filter(({ kind }) => kind === 'after')
        .map(({ event, targets }) => [event, ...targets]),
    ).to.deep.equal([
      ['xstate.after.retryMs.task.assigned', 'task.assigned'],
      ['xstate.after.retryMs.task.assigned', 'task.failed'],
      ['xstate.after.giveUpMs.task.assigned'],
    ])
  })

  it('tells always, done and error edges apart and survives as plain data', () => {
    const machine = setup({}).createMachine({
      id: 'm',
      version: '2',
      initial: 'a',
      states: {
        a: { always: { guard: () => true, target: 'b' } },
        b: {
          initial: 'c',
          states: { c: { type: 'final' } },
          onDone: 'a',
          on: { 'xstate.error.actor.x': 'a' },
        },
      },
    })
    const plain = describeMachine(machine)
    expect(plain.edges.map(({ source, kind, guard }) => [source, kind, guard])).to.deep.equal([
      ['m.a', 'always', '(inline)'],
      ['m.b', 'error', undefined],
      ['m.b', 'done', undefined],
    ])
    expect(structuredClone(plain)).to.deep.equal(plain)
    expect(plain.version).to.equal('2')
  })
})
