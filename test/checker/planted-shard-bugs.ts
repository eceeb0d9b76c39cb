import { applyBatch, applyClaim } from '@covey/actors'
import type { ShardOptions } from '@covey/checker'
import { createStepper } from '@covey/engine'
import {
  attemptMachine,
  leadershipMachine,
  type WorkerContext,
  type WorkerEvent,
  workerMachine,
} from '@covey/machines'
import { assign, createMachine } from 'xstate'

const oneWorker = [{ worker: 'w1', generation: 1 }] as const
export const twoWorkers = [...oneWorker, { worker: 'w2', generation: 1 }] as const
export const successor = [...oneWorker, { worker: 'w1', generation: 2 }] as const

/** One job, one worker of one slot, and managers as they are, to which nothing happens. */
export const soundShard: ShardOptions = {
  ...{ workerMachine, attemptMachine, leadershipMachine, fold: { applyBatch, applyClaim } },
  ...{ workers: oneWorker, slots: 1, jobs: 1, managers: 2 },
  ...{ epochsMax: 1, tokensMax: 2, inputsMax: 1, budgets: {}, isOpen: true },
}

type Told = Extract<WorkerEvent, { readonly command: unknown }>
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

/** What is not known is called burnt, and is not: its credits are good, and a dispatch that is still under way starts. */
const burningNothing = (context: WorkerContext, event: Told): WorkerContext => {
  const after = soundly(context, event)
  const [before] = context.books
  if (before === undefined || event.command.epoch > before.floor) return after
  const isBurnt = after.decided.reports.some(({ report }) => report.kind === 'burnt')
  if (!isBurnt) return after
  const reports = after.decided.reports.map((said) => ({
    ...said,
    report: { ...said.report, credits: [] },
  }))
  return {
    ...withBooks(after, (book) => ({ ...before, opened: book.opened })),
    decided: { ...after.decided, reports },
  }
}

/** A question burns nothing. */
export const asksWithoutBurning = workerWith('ask.received', burningNothing)

/** An order to stop burns nothing of what is not known. */
export const cancelsWithoutBurning = workerWith('cancel.received', burningNothing)

const attempt = attemptMachine.config.states?.running

/** What an attempt is given it takes twice. */
export const takesTimeTwice = createMachine(
  {
    ...attemptMachine.config,
    states: {
      ...attemptMachine.config.states,
      running: {
        ...attempt,
        on: {
          ...attempt?.on,
          'attempt.extended': {
            actions: assign(({ event }) => ({ extension: { ms: 2 * event.ms, leftMs: 2 * event.ms } })),
          },
        },
      },
    },
  } as never,
  attemptMachine.implementations as never,
) as unknown as typeof attemptMachine

/** The next leader of a shard takes back what the leaders of others may use. */
export const voidsEveryBook = workerWith('ask.received', (context, event) => {
  const after = soundly(context, event)
  const { shard, epoch } = event.command
  if (epoch <= (context.books[shard]?.floor ?? 0)) return after
  return withBooks(after, (book) => (book.shard === shard ? book : { ...book, outstanding: [] }))
})

/** A shard that wants a slot has it before the one that has it has given it up. */
export const sharesTwice = workerWith('run.received', (context, event) =>
  withBooks(soundly(context, event), (book) => ({ ...book, quota: Math.max(book.quota, book.want.slots) })),
)
