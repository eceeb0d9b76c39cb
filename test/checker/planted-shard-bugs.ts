import { applyBatch, applyClaim } from '@covey/actors'
import type { FoldRules, ShardOptions } from '@covey/checker'
import { createStepper } from '@covey/engine'
import {
  attemptMachine,
  leadershipMachine,
  type WorkerContext,
  type WorkerEvent,
  workerMachine,
  workflowMachine,
} from '@covey/machines'
import { assign, createMachine } from 'xstate'

export const oneWorker = [{ worker: 'w1', generation: 1 }] as const
export const twoWorkers = [...oneWorker, { worker: 'w2', generation: 1 }] as const
export const successor = [...oneWorker, { worker: 'w1', generation: 2 }] as const

/** One job, one worker of one slot, and managers as they are, to which nothing happens. */
export const soundShard: ShardOptions = {
  ...{ workerMachine, attemptMachine, leadershipMachine, fold: { applyBatch, applyClaim } },
  ...{ workers: oneWorker, slots: 1, jobs: 1, managers: 2 },
  ...{ epochsMax: 1, tokensMax: 2, inputsMax: 1, budgets: {}, isOpen: true },
}

type Told = Extract<WorkerEvent, { type: 'run.received' | 'ask.received' }>
type Books = WorkerContext['books']

const worker = createStepper(workerMachine)
const soundly = (context: WorkerContext, event: Told): WorkerContext =>
  worker.step(worker.unpack({ value: 'ready', context, status: 'active' }), event).snapshot.context

/** The chart of a worker that decides otherwise on one kind of command. */
function workerWith(
  type: Told['type'],
  decide: (context: WorkerContext, event: Told) => WorkerContext,
): typeof workerMachine {
  const { on } = workerMachine.config
  const [, ...carryOut] =
    on?.[type] === undefined ? [] : (on[type] as unknown as { actions: unknown[] }).actions
  const decided = assign(({ context, event }) => decide(context as WorkerContext, event as unknown as Told))
  const config = { ...workerMachine.config, on: { ...on, [type]: { actions: [decided, ...carryOut] } } }
  return createMachine(
    config as never,
    workerMachine.implementations as never,
  ) as unknown as typeof workerMachine
}

const withBooks = (
  context: WorkerContext,
  change: (book: Books[number]) => Books[number],
): WorkerContext => ({
  ...context,
  books: context.books.map(change),
})

/** What is asked about is not burnt: the credits of an order that has not come are left as they were. */
export const burnsNothing = workerWith('ask.received', (context, event) =>
  withBooks(soundly(context, event), (book) =>
    'opening' in event.command && event.command.opening
      ? book
      : { ...book, outstanding: context.books[book.shard]?.outstanding ?? [] },
  ),
)

/** An equal token is taken once more. */
export const takesEqualTokens = workerWith('run.received', (context, event) => {
  const after = soundly(context, event)
  const dispatches = 'dispatches' in event.command ? event.command.dispatches : []
  const again = dispatches.filter(({ token }) => context.books[0]?.attempts.has(token))
  const starts = [...after.decided.starts, ...again.map((dispatch) => ({ shard: 0, dispatch }))]
  return { ...after, decided: { ...after.decided, starts } }
})

/** An older leader is obeyed: its order runs whatever its epoch, and on a credit that was voided with it. */
export const obeysAnybody = workerWith('run.received', (context, event) => {
  const { epoch } = event.command
  const [credit = 0] = 'dispatches' in event.command ? (event.command.dispatches[0]?.credits ?? []) : []
  const floors = context.books.map(({ floor }) => floor)
  const older = withBooks(context, (book) =>
    epoch < book.floor ? { ...book, floor: epoch, outstanding: [credit, credit + 1] } : book,
  )
  return withBooks(soundly(older, event), (book) => ({
    ...book,
    floor: Math.max(book.floor, floors[0] ?? 0),
  }))
})

/** `cancelling` accepts an assignment. */
const workflow = createStepper(cancellingAssigned())
function cancellingAssigned(): typeof workflowMachine {
  const { states } = workflowMachine.config
  const { cancelling, queued } = states ?? {}
  const on = { ...cancelling?.on, 'workflow.assigned': queued?.on?.['workflow.assigned'] }
  const config = { ...workflowMachine.config, states: { ...states, cancelling: { ...cancelling, on } } }
  return createMachine(
    config as never,
    workflowMachine.implementations as never,
  ) as unknown as typeof workflowMachine
}
export const assignsTheCancelled: FoldRules = {
  applyClaim,
  applyBatch: (state, batch, sequence, told) => {
    applyBatch(state, batch, sequence, told)
    for (const [index, event] of batch.events.entries()) {
      const record = event.type === 'workflow.assigned' ? state.workflows.get(event.workflow) : undefined
      if (record?.snapshot.value !== 'cancelling' || event.type !== 'workflow.assigned') continue
      const token = `${state.streamEpoch}.${state.epoch}.${sequence}.${index}`
      if (record.snapshot.context.token === token) continue
      record.snapshot = workflow.step(record.snapshot, { ...event, token }).snapshot
    }
  },
}
