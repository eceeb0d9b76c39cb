import { and, assign, not, setup } from 'xstate'

/** A flat machine as this project writes them: timers, guards, effects with params, outputs. */
export const taskMachine = setup({
  types: {
    context: {} as { tries: number; seen: number; note: string },
    events: {} as { type: string; k: number },
    input: {} as { note: string },
    output: {} as { tries: number; why: unknown },
  },
  actions: {
    'bus.send': (_, _params: { to: string; tries: number }) => {},
    'metric.add': () => {},
    countTry: assign({ tries: ({ context }) => context.tries + 1 }),
  },
  guards: {
    mayRetry: ({ context }, params: { max: number }) => context.tries < params.max,
    isOdd: ({ event }) => event.k % 2 === 1,
  },
  delays: { retryMs: ({ context }) => 100 * 2 ** context.tries, giveUpMs: 5_000 },
}).createMachine({
  id: 'task',
  context: ({ input }) => ({ tries: 0, seen: 0, note: input.note }),
  initial: 'queued',
  output: ({ context, event }) => ({
    tries: context.tries,
    why: 'output' in event ? event.output : undefined,
  }),
  exit: 'metric.add',
  on: {
    'task.cancel': '.cancelled',
    'task.note': { actions: assign(({ event }) => ({ note: `k${event.k}` })) },
  },
  states: {
    queued: {
      on: {
        'task.assign': {
          target: 'assigned',
          guard: 'isOdd',
          actions: { type: 'bus.send', params: ({ context }) => ({ to: 'w', tries: context.tries }) },
        },
      },
    },
    assigned: {
      entry: ['countTry', { type: 'bus.send', params: { to: 'worker', tries: 1 } }],
      exit: 'metric.add',
      after: {
        retryMs: [
          { guard: { type: 'mayRetry', params: { max: 3 } }, target: 'assigned', reenter: true },
          { target: 'failed' },
        ],
        giveUpMs: { actions: 'metric.add' },
      },
      on: {
        'task.started': {
          target: 'running',
          actions: assign({ seen: ({ context, event }) => context.seen + event.k }),
        },
        'task.refused': { guard: ({ context }) => context.tries > 2, target: 'failed' },
      },
    },
    running: {
      on: {
        'task.done': { target: 'completed', actions: ['metric.add', 'countTry'] },
        'task.failed': [
          { guard: and(['isOdd', not({ type: 'mayRetry', params: { max: 2 } })]), target: 'failed' },
          'queued',
        ],
        'task.note': {},
      },
    },
    completed: {
      type: 'final',
      entry: 'countTry',
      exit: ['metric.add', 'countTry'],
      output: ({ context }) => context.tries,
    },
    failed: { type: 'final', output: 'gave up' },
    cancelled: {
      type: 'final',
      entry: { type: 'bus.send', params: ({ context }) => ({ to: 'w', tries: context.seen }) },
    },
  },
})
