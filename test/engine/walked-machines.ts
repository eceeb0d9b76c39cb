import { type AnyStateMachine, type EventObject, setup } from 'xstate'
import { oddMachine } from './odd.machine.js'
import { taskMachine } from './task.machine.js'

/** A machine with the events a random walk sends it. */
export interface Walked {
  readonly machine: AnyStateMachine
  readonly events: readonly string[]
  readonly input?: unknown
}

const deepMachine = setup({
  types: { context: {} as { n: number }, events: {} as { type: string; k: number } },
  actions: { 'log.info': () => {} },
}).createMachine({
  id: 'deep',
  context: { n: 0 },
  initial: 'left',
  states: {
    left: {
      initial: 'one',
      states: {
        one: { on: { 'go.x': 'two' } },
        two: { on: { 'go.x': '#deep.right' } },
        back: { type: 'history' },
      },
    },
    right: {
      type: 'parallel',
      on: { 'go.home': 'left.back' },
      states: {
        up: {
          initial: 'on',
          states: {
            on: { on: { 'go.x': 'off' } },
            off: { on: { 'go.x': { target: 'on', actions: 'log.info' } } },
          },
        },
        down: { initial: 'on', states: { on: { on: { 'go.y': 'off' } }, off: { after: { 10: 'on' } } } },
      },
    },
  },
})

/** Machines that between them use everything a chart can be written with, and the events they know and do not know. */
export const walkedMachines: readonly Walked[] = [
  {
    machine: taskMachine,
    input: { note: 'first' },
    events: [
      'task.assign',
      'task.assign',
      'task.started',
      'task.refused',
      'task.done',
      'task.failed',
      'task.note',
      'task.cancel',
      'task.unknown',
      'xstate.after.retryMs.task.assigned',
      'xstate.after.giveUpMs.task.assigned',
    ],
  },
  {
    machine: oddMachine,
    events: [
      'go.x',
      'go.x',
      'go.root',
      'go.sum',
      'go.self',
      'go.again',
      'go.w',
      'go.later',
      'go.z',
      'go.here',
      'go.final',
      'go.unknown',
      'go.throw',
      'go.badGuard',
      'xstate.after.50.odd.b',
      'xstate.after.20.odd.w',
      'xstate.error.actor.nobody',
      'xstate.done.actor.nobody',
    ],
  },
  {
    machine: deepMachine,
    events: ['go.x', 'go.x', 'go.y', 'go.home', 'go.z', 'xstate.after.10.deep.right.down.off'],
  },
]

/** A random event of a machine, rarely one that ends it. */
export function randomEvent(events: readonly string[], random: () => number): EventObject & { k: number } {
  const type = events[Math.floor(random() * events.length)]!
  const ends = type === 'go.final' || type === 'task.cancel'
  return { type: ends && random() < 0.8 ? events[0]! : type, k: Math.floor(random() * 4) }
}
