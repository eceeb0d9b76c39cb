import { setup } from 'xstate'

/** Everything that can happen to the manager of one node. */
export type ManagerEvent =
  | { readonly type: 'log.caughtUp' }
  | { readonly type: 'manager.drain'; readonly deadlineMs: number }
  | { readonly type: 'leadership.stopped' }
  /** The logs of all shards lack entries: there is nothing left that it could lead (K2). */
  | { readonly type: 'log.damaged' }

/** The manager of one node: folds its shards, leads those it claims, and hands them over when it leaves. */
export const managerMachine = setup({
  types: {
    context: {} as { leaveDeadlineMs: number },
    events: {} as ManagerEvent,
    input: {} as { leaveDeadlineMs: number },
  },
  actions: {
    'shard.follow': (_, _params: object) => {},
    'shard.release': (_, _params: object) => {},
    'shard.close': (_, _params: object) => {},
  },
  delays: { leaveDeadlineMs: ({ context }) => context.leaveDeadlineMs },
}).createMachine({
  id: 'manager',
  version: '1',
  options: { maxIterations: 1_000 },
  context: ({ input }) => ({ leaveDeadlineMs: input.leaveDeadlineMs }),
  initial: 'starting',
  on: { 'log.damaged': { target: '.stopped' } },
  states: {
    starting: {
      description: 'Folds what the log already holds.',
      meta: { rests: 'the log, which tells when everything stored has been read, over broker restarts too' },
      entry: { type: 'shard.follow', params: {} },
      on: { 'log.caughtUp': { target: 'serving' }, 'manager.drain': { target: 'draining' } },
    },
    serving: {
      description: 'Follows its shards and leads those that it has claimed.',
      meta: { rests: 'the end of the node' },
      on: { 'manager.drain': { target: 'draining' } },
    },
    draining: {
      description: 'Hands over what it leads, so that nobody has to wait for its silence.',
      entry: { type: 'shard.release', params: {} },
      on: { 'leadership.stopped': { target: 'stopped' } },
      after: { leaveDeadlineMs: { target: 'stopped' } },
    },
    stopped: {
      type: 'final',
      description: 'Takes no part any more.',
      entry: { type: 'shard.close', params: {} },
    },
  },
})
