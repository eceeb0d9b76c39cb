import { assign, setup } from 'xstate'

/** How many workflows of a job there are, and how they ended. */
export interface JobContext {
  /** Chunks of the submission that are in the log, of how many. */
  chunks: number
  chunksExpected: number
  total: number
  completed: number
  failed: number
  cancelled: number
  skipped: number
}

/** How a workflow can end. */
export type WorkflowEnd = 'completed' | 'failed' | 'cancelled' | 'skipped'

/** Everything the fold tells the chart of one job. */
export type JobEvent =
  | { readonly type: 'chunk.added'; readonly workflows: number }
  | { readonly type: 'workflow.ended'; readonly state: WorkflowEnd }
  | { readonly type: 'cancel.requested' }

const ended = (context: JobContext): number =>
  context.completed + context.failed + context.cancelled + context.skipped

const isLastKnown = (context: JobContext): boolean => ended(context) + 1 === context.total

const isLast = (context: JobContext): boolean =>
  context.chunks === context.chunksExpected && isLastKnown(context)

/** One job, folded: it ends when its last workflow has ended. */
export const jobMachine = setup({
  types: { context: {} as JobContext, events: {} as JobEvent, input: {} as { chunksExpected: number } },
  actions: {
    countEnd: assign(({ context, event }) =>
      event.type === 'workflow.ended' ? { [event.state]: context[event.state] + 1 } : {},
    ),
    countChunk: assign(({ context, event }) =>
      event.type === 'chunk.added'
        ? { chunks: context.chunks + 1, total: context.total + event.workflows }
        : {},
    ),
  },
  guards: {
    isLastAndFailed: ({ context, event }) =>
      isLast(context) &&
      (context.failed > 0 || (event.type === 'workflow.ended' && event.state === 'failed')),
    isLastAndCancelled: ({ context, event }) =>
      isLast(context) &&
      (context.cancelled > 0 || (event.type === 'workflow.ended' && event.state === 'cancelled')),
    isLast: ({ context }) => isLast(context),
    isLastKnown: ({ context }) => isLastKnown(context),
    isAllEnded: ({ context }) => ended(context) === context.total,
  },
}).createMachine({
  id: 'job',
  version: '1',
  options: { maxIterations: 1_000 },
  context: ({ input }) => ({
    chunks: 0,
    chunksExpected: input.chunksExpected,
    total: 0,
    completed: 0,
    failed: 0,
    cancelled: 0,
    skipped: 0,
  }),
  initial: 'running',
  on: {
    'chunk.added': { actions: 'countChunk' },
  },
  states: {
    running: {
      description: 'At least one of its workflows has not ended.',
      meta: { rests: 'its workflows, each of which ends by its own chart' },
      on: {
        'workflow.ended': [
          { guard: 'isLastAndFailed', target: 'failed', actions: 'countEnd' },
          { guard: 'isLastAndCancelled', target: 'cancelled', actions: 'countEnd' },
          { guard: 'isLast', target: 'completed', actions: 'countEnd' },
          { actions: 'countEnd' },
        ],
        'cancel.requested': [{ guard: 'isAllEnded', target: 'cancelled' }, { target: 'cancelling' }],
      },
    },
    cancelling: {
      description:
        'Cancelled as a whole, so that no chunk is added; some of its workflows are still being stopped.',
      meta: { rests: 'its workflows, each of which is cancelled or fenced' },
      on: {
        'workflow.ended': [
          { guard: 'isLastKnown', target: 'cancelled', actions: 'countEnd' },
          { actions: 'countEnd' },
        ],
      },
    },
    completed: { type: 'final', description: 'All of its workflows completed.' },
    failed: { type: 'final', description: 'At least one of its workflows failed.' },
    cancelled: { type: 'final', description: 'It, or a workflow that it needed, was cancelled.' },
  },
})
