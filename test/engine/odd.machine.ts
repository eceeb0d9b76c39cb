import { and, assign, cancel, emit, not, raise, setup, stateIn } from 'xstate'

/** A flat machine with much that the table leaves to the stock interpreter. */
export const oddMachine = setup({
  types: { context: {} as { n: number }, events: {} as { type: string; k: number } },
  guards: { third: ({ context }) => context.n % 3 === 0, big: ({ event }) => event.k > 1 },
  actions: { 'log.info': (_, _params: { n: number } | undefined) => {} },
}).createMachine({
  id: 'odd',
  context: { n: 0 },
  entry: 'log.info',
  initial: { target: 'a', actions: assign({ n: 1 }) },
  on: {
    'go.root': { target: '.a', actions: 'log.info' },
    'go.sum': { actions: assign({ n: ({ context }) => context.n + 2 }) },
    'go.final': '.end',
    'go.unknown': { actions: { type: 'nobody.declared' as 'log.info' } },
    'go.throw': {
      actions: () => {
        throw new Error('thrown by an action')
      },
    },
  },
  states: {
    a: {
      tags: 'home',
      entry: ['log.info', assign({ n: ({ context }) => context.n + 1 })],
      exit: { type: 'log.info', params: ({ context }) => ({ n: context.n }) },
      on: {
        'go.x': [
          { guard: 'third', target: 'b' },
          { guard: and(['big', not('third')]), target: 'c' },
          { actions: emit({ type: 'said' }) },
        ],
        'go.self': 'a',
        'go.again': { target: 'a', reenter: true },
        'go.w': 'w',
        'go.here': { guard: stateIn('a'), actions: 'log.info' },
        'go.badGuard': {
          guard: () => {
            throw new Error('thrown by a guard')
          },
          target: 'b',
        },
      },
    },
    b: { on: { 'go.x': 'a', 'go.*': 'c', 'go.sum': undefined }, after: { 50: 'a' } },
    c: {
      always: { guard: 'third', target: 'a' },
      on: { 'go.x': { target: 'a', actions: [raise({ type: 'go.sum', k: 0 }), 'log.info'] } },
    },
    w: {
      after: { 20: { target: 'a', guard: 'big' } },
      on: {
        'go.x': {
          target: 'a',
          actions: [
            assign({ n: 0 }),
            { type: 'log.info', params: ({ context }) => ({ n: context.n }) },
            cancel('later'),
          ],
        },
        'go.later': {
          actions: raise(({ event }) => ({ type: 'go.x', k: event.k }), { delay: 5, id: 'later' }),
        },
      },
    },
    end: { type: 'final' },
  },
})
