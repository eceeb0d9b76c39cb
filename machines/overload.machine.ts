import { limits } from '@covey/protocol'
import { assign, setup } from 'xstate'
import type { LoadLevel, LoadThresholds } from './rules/load-levels.js'

/** What happens to the overload detector of a manager. */
export interface OverloadEvent {
  readonly type: 'load.measured'
  /** The fullest of what it measures: 1 is all that it can hold. */
  readonly fill: number
  /** What that was. */
  readonly cause: string
}

/** What the overload detector keeps beside its level. */
export interface OverloadContext {
  readonly thresholds: LoadThresholds
  /** Looks in a row, since this state was entered, at which the load was well below it. */
  readonly calmLooks: number
  readonly fill: number
  readonly cause: string
}

type Look = { readonly context: OverloadContext; readonly event: OverloadEvent }

const reaches =
  (index: 0 | 1 | 2) =>
  ({ context, event }: Look): boolean =>
    event.fill >= context.thresholds[index]
/** Hysteresis: a level is left well below where it was reached, and only after several looks. */
const isBelow =
  (index: 0 | 1 | 2) =>
  ({ context, event }: Look): boolean =>
    event.fill < context.thresholds[index] * limits.loadReliefShare
const isRelieved =
  (index: 0 | 1 | 2) =>
  (look: Look): boolean =>
    isBelow(index)(look) && look.context.calmLooks + 1 >= limits.loadReliefLooks

const machine = setup({
  types: {
    context: {} as OverloadContext,
    events: {} as OverloadEvent,
    input: {} as { readonly thresholds: LoadThresholds },
  },
  actions: {
    'level.enter': (_, _params: { readonly level: LoadLevel }) => {},
    /** Every level begins anew: what was counted before it was left counts no more (S-D6). */
    begin: assign(({ event }) =>
      event.type === 'load.measured'
        ? { calmLooks: 0, fill: event.fill, cause: event.cause }
        : { calmLooks: 0 },
    ),
    countCalm: assign(({ context }) => ({ calmLooks: context.calmLooks + 1 })),
    forgetCalm: assign({ calmLooks: 0 }),
  },
  guards: {
    reachesBusy: reaches(0),
    reachesStressed: reaches(1),
    reachesOverloaded: reaches(2),
    isBelowBusy: isBelow(0),
    isBelowStressed: isBelow(1),
    isBelowOverloaded: isBelow(2),
    isRelievedOfBusy: isRelieved(0),
    isRelievedOfStressed: isRelieved(1),
    isRelievedOfOverloaded: isRelieved(2),
  },
})

const meta = { rests: 'its manager, which measures once a second for as long as it is open' }
const enter = (level: LoadLevel) => ({ type: 'level.enter', params: { level } }) as const
const toOverloaded = { guard: 'reachesOverloaded', target: 'overloaded' } as const
const toStressed = { guard: 'reachesStressed', target: 'stressed' } as const

/**
 * How loaded a manager is (H19): up at once to the level that the load has reached, down one level at a time, when the load
 * has been well below it for several looks in a row.
 */
export const overloadMachine = machine.createMachine({
  id: 'overload',
  version: '1',
  options: { maxIterations: 1_000 },
  context: ({ input }) => ({ thresholds: input.thresholds, calmLooks: 0, fill: 0, cause: '' }),
  initial: 'calm',
  states: {
    calm: {
      description: 'There is room: everything is taken.',
      meta,
      entry: ['begin', enter('calm')],
      on: {
        'load.measured': [toOverloaded, toStressed, { guard: 'reachesBusy', target: 'busy' }],
      },
    },
    busy: {
      description: 'Much is used: lists are refused, and clients have less under way at once.',
      meta,
      entry: ['begin', enter('busy')],
      on: {
        'load.measured': [
          toOverloaded,
          toStressed,
          { guard: 'isRelievedOfBusy', target: 'calm' },
          { guard: 'isBelowBusy', actions: 'countCalm' },
          { actions: 'forgetCalm' },
        ],
      },
    },
    stressed: {
      description: 'Little is left: clients have few commands under way.',
      meta,
      entry: ['begin', enter('stressed')],
      on: {
        'load.measured': [
          toOverloaded,
          { guard: 'isRelievedOfStressed', target: 'busy' },
          { guard: 'isBelowStressed', actions: 'countCalm' },
          { actions: 'forgetCalm' },
        ],
      },
    },
    overloaded: {
      description: 'What is left is for cancels, results and control: new work is told when to come again.',
      meta,
      entry: ['begin', enter('overloaded')],
      on: {
        'load.measured': [
          { guard: 'isRelievedOfOverloaded', target: 'stressed' },
          { guard: 'isBelowOverloaded', actions: 'countCalm' },
          { actions: 'forgetCalm' },
        ],
      },
    },
  },
})
