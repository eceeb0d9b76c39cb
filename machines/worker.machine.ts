import type { AskMessage, CancelMessage, RunMessage, Want } from '@covey/protocol'
import { assign, setup } from 'xstate'
import type { Offered } from './rules/dispatch-admission.js'
import { type ClockReading, leaseLeftMs } from './rules/lease-clock.js'
import { type AttemptPlace, type Decided, emptyBook, nothingDecided } from './rules/slot-book.js'
import type { WorkerContext } from './rules/worker-books.js'
import {
  activateShards,
  beginDrain,
  fenceAll,
  judgeLeases,
  renewShard,
  stopDrained,
  takeAsk,
  takeCancel,
  takeGrant,
  takeRun,
  takeStored,
} from './rules/worker-decisions.js'
import { type ShardWord, takeWords } from './rules/worker-words.js'

/** What happens to a worker. Each event brings the reading of the clock, which is compared before anything else (K29). */
export type WorkerEvent = { readonly now: ClockReading } & (
  | { readonly type: 'worker.activate' }
  | { readonly type: 'run.received'; readonly command: RunMessage }
  | { readonly type: 'cancel.received'; readonly command: CancelMessage }
  | { readonly type: 'ask.received'; readonly command: AskMessage }
  /** A renewal sent at `sentAt` was granted. */
  | {
      readonly type: 'grant.received'
      readonly shard: number
      readonly streamEpoch: number
      readonly epoch: number
      readonly want?: Want
      readonly returned?: readonly number[]
      readonly sentAt: ClockReading
    }
  /** Everything that attempts had to say in one turn of the host. */
  | { readonly type: 'words.spoken'; readonly words: readonly ShardWord[] }
  /** The ending word of an attempt is in the outbox. */
  | ({ readonly type: 'word.stored' } & AttemptPlace)
  | { readonly type: 'renewal.due'; readonly shard: number }
  | { readonly type: 'lease.checked' }
  /** The host has done all that the events of one turn asked for. */
  | { readonly type: 'turn.ended' }
  | { readonly type: 'worker.drain'; readonly deadlineMs: number }
  | { readonly type: 'worker.fence' }
)

/** What a worker is made with. */
export interface WorkerInput {
  /** Slots of each shard at first, by its number; together all that the worker has. */
  readonly quotas: readonly number[]
  readonly offered: Offered
  readonly selfFenceMs: number
  readonly now: ClockReading
}

/** The share of a drain after which running work is stopped, so that its word can be logged in the rest. */
const drainWorkShare = 0.8

const held = (context: WorkerContext): number => context.books.reduce((sum, book) => sum + book.held, 0)
const everyFenced = (context: WorkerContext): boolean => context.books.every(({ fenced }) => fenced)
const isFull = (context: WorkerContext): boolean => held(context) >= context.slots

const machine = setup({
  types: { context: {} as WorkerContext, events: {} as WorkerEvent, input: {} as WorkerInput },
  actions: {
    'attempt.start': (_, _params: Pick<Decided, 'starts'>) => {},
    'attempt.stop': (_, _params: Pick<Decided, 'stops'>) => {},
    'attempt.ask': (_, _params: Pick<Decided, 'asked'>) => {},
    'attempt.settle': (_, _params: Pick<Decided, 'settled'>) => {},
    'attempt.extend': (_, _params: Pick<Decided, 'extended'>) => {},
    'report.send': (_, _params: Pick<Decided, 'reports'>) => {},
    'lease.renew': (_, _params: Pick<Decided, 'renewals'>) => {},
    /** The host answers with `lease.checked`: only it can read a clock. */
    'clock.read': (_, _params: object) => {},
  },
  guards: {
    isFenced: ({ context }) => everyFenced(context),
    isFull: ({ context }) => !everyFenced(context) && isFull(context),
    isServing: ({ context }) =>
      context.books.some(({ opened, fenced }) => opened && !fenced) && !isFull(context),
    isIdle: ({ context }) => held(context) === 0,
  },
  delays: {
    /**
     * Until the lease that is over first; the chart is entered anew whenever the clock was compared. Whole milliseconds:
     * a rest too small to move the clock would be waited for without end.
     */
    leaseCheckMs: ({ context: { books, now, selfFenceMs } }) => {
      const left = books.flatMap(({ fenced, leaseSince }) =>
        fenced ? [] : [leaseLeftMs(leaseSince, now, selfFenceMs)],
      )
      return Math.max(1, Math.ceil(Math.min(selfFenceMs, ...left)))
    },
    drainWorkMs: ({ context: { drain, now } }) => Math.max(0, drain.workUntilMs - now.monotonicMs),
    drainDeadlineMs: ({ context: { drain, now } }) => Math.max(0, drain.deadlineAtMs - now.monotonicMs),
  },
})

const decided = ({ context }: { readonly context: WorkerContext }): Decided => context.decided

/** Carries out what an assign has just decided. Slots are reserved by then, so no order of what follows can break it. */
const carryOut = [
  { type: 'attempt.settle', params: decided },
  { type: 'attempt.stop', params: decided },
  { type: 'attempt.start', params: decided },
  { type: 'attempt.ask', params: decided },
  { type: 'report.send', params: decided },
  { type: 'lease.renew', params: decided },
] as const

const readClock = { leaseCheckMs: { actions: { type: 'clock.read', params: {} } } } as const
const judge = [machine.assign(({ context, event }) => judgeLeases(context, event.now)), ...carryOut] as const
const settleTurn = machine.assign(({ event }) => ({ now: event.now, decided: nothingDecided() }))

/**
 * A worker: the only authority over its slots. Every command is decided and its slots are reserved in one transition,
 * so that no check is separated from its act (architecture 6; the rules are in `rules/worker-decisions.ts`).
 */
export const workerMachine = machine.createMachine({
  id: 'worker',
  version: '1',
  options: { maxIterations: 1_000 },
  context: ({ input }) => ({
    selfFenceMs: input.selfFenceMs,
    offered: input.offered,
    books: input.quotas.map((quota, shard) => emptyBook(shard, quota, input.now)),
    slots: input.quotas.reduce((sum, quota) => sum + quota, 0),
    turns: 0,
    decided: nothingDecided(),
    now: input.now,
    drain: { workUntilMs: 0, deadlineAtMs: 0 },
  }),
  initial: 'registering',
  on: {
    'run.received': {
      actions: [
        assign(({ context, event }) => takeRun(context, event.now, event.command)),
        ...carryOut,
        { type: 'attempt.extend', params: decided },
      ],
    },
    'cancel.received': {
      actions: [assign(({ context, event }) => takeCancel(context, event.now, event.command)), ...carryOut],
    },
    'ask.received': {
      actions: [assign(({ context, event }) => takeAsk(context, event.now, event.command)), ...carryOut],
    },
    'grant.received': {
      actions: [
        assign(({ context, event }) => takeGrant(context, event.now, event, event.sentAt)),
        ...carryOut,
      ],
    },
    'words.spoken': {
      actions: [assign(({ context, event }) => takeWords(context, event.now, event.words)), ...carryOut],
    },
    'word.stored': {
      actions: [assign(({ context, event }) => takeStored(context, event.now, event)), ...carryOut],
    },
    'renewal.due': {
      actions: [assign(({ context, event }) => renewShard(context, event.now, event.shard)), ...carryOut],
    },
    'worker.drain': {
      target: '.draining',
      actions: [
        assign(({ context, event: { now, deadlineMs } }) => ({
          ...beginDrain(context, now),
          drain: {
            workUntilMs: now.monotonicMs + deadlineMs * drainWorkShare,
            deadlineAtMs: now.monotonicMs + deadlineMs,
          },
        })),
        ...carryOut,
      ],
    },
    'worker.fence': {
      target: '.stopped',
      actions: [
        assign(({ context, event }) => fenceAll(context, event.now)),
        { type: 'attempt.stop', params: decided },
      ],
    },
  },
  states: {
    registering: {
      description: 'No leader has opened it yet: it renews and gives out no credit.',
      meta: { rests: 'the leader of a shard, which hears a renewal every interval (K43)' },
      on: {
        'worker.activate': {
          actions: [assign(({ context, event }) => activateShards(context, event.now)), ...carryOut],
        },
        'turn.ended': [
          { guard: 'isServing', target: 'ready', actions: settleTurn },
          { guard: 'isFull', target: 'full', actions: settleTurn },
          { actions: settleTurn },
        ],
      },
    },
    ready: {
      description: 'Slots are free: their credits are with the leaders.',
      on: {
        'lease.checked': { target: 'ready', reenter: true, actions: judge },
        'turn.ended': [
          { guard: 'isFenced', target: 'fenced', actions: settleTurn },
          { guard: 'isFull', target: 'full', actions: settleTurn },
          { actions: settleTurn },
        ],
      },
      after: readClock,
    },
    full: {
      description: 'Every slot is held by an attempt whose word is not in the log yet.',
      on: {
        'lease.checked': { target: 'full', reenter: true, actions: judge },
        'turn.ended': [
          { guard: 'isFenced', target: 'fenced', actions: settleTurn },
          { guard: 'isFull', actions: settleTurn },
          { target: 'ready', actions: settleTurn },
        ],
      },
      after: readClock,
    },
    fenced: {
      description: 'No lease holds: exclusive work is stopped, and nothing starts (K7).',
      meta: { rests: 'a granted renewal: renewals go on at every interval' },
      on: {
        'turn.ended': [
          { guard: 'isFenced', actions: settleTurn },
          { guard: 'isFull', target: 'full', actions: settleTurn },
          { target: 'ready', actions: settleTurn },
        ],
      },
    },
    draining: {
      description:
        'Takes nothing new; what runs may finish, and every word is to reach the log or the outbox.',
      on: {
        'worker.drain': {},
        // Entered anew, as where it serves: its own times are moments, and leases end in a drain as elsewhere (K7).
        'lease.checked': { target: 'draining', reenter: true, actions: judge },
        'turn.ended': [{ guard: 'isIdle', target: 'stopped', actions: settleTurn }, { actions: settleTurn }],
      },
      after: {
        ...readClock,
        drainWorkMs: {
          actions: [
            assign(({ context }) => ({
              ...stopDrained(context),
              drain: { ...context.drain, workUntilMs: context.drain.deadlineAtMs },
            })),
            { type: 'attempt.stop', params: decided },
          ],
        },
        drainDeadlineMs: { target: 'stopped' },
      },
    },
    stopped: { type: 'final', description: 'Starts nothing and says nothing any more.' },
  },
})
