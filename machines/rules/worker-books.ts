import type { Stop } from './attempt-words.js'
import type { Offered } from './dispatch-admission.js'
import { type ClockReading, leaseLeftMs } from './lease-clock.js'
import {
  type Decided,
  nothingDecided,
  noWant,
  type OpenBook,
  openBook,
  type ShardBook,
  voidCredits,
} from './slot-book.js'
import { shareSlots } from './slot-sharing.js'

/** What the worker's chart keeps beside its state. */
export interface WorkerContext {
  readonly selfFenceMs: number
  readonly offered: Offered
  readonly books: readonly ShardBook[]
  /** All that it has, for all shards together. */
  readonly slots: number
  /** Turns in which attempts have begun, where several shards take turns. */
  readonly turns: number
  /** What follows from the event just handled. */
  readonly decided: Decided
  readonly now: ClockReading
  /** By the monotonic clock: until when what runs may go on in the drain in progress, and when it is over. */
  readonly drain: { readonly workUntilMs: number; readonly deadlineAtMs: number }
}

/** What every command of a leader names. */
export interface Command {
  readonly shard: number
  readonly streamEpoch: number
  readonly epoch: number
}

/** What an event changes. */
export type Update = Pick<WorkerContext, 'books' | 'decided' | 'now' | 'turns'>
/** What an event writes into one book. */
type Write = (book: OpenBook, decided: Decided) => void

/** The stop of what may not outlive its lease, of which so much is left. */
export const fence = (leftMs: number): Stop => ({
  ...{ cause: 'fenced', reason: 'fenced' },
  lateMs: Math.max(0, -leftMs),
})

/** Fences a shard whose lease is over: its exclusive attempts are stopped before anything else is looked at (K7, K29). */
function judged(book: ShardBook, now: ClockReading, selfFenceMs: number, decided: Decided): ShardBook {
  if (book.fenced) return book
  const leftMs = leaseLeftMs(book.leaseSince, now, selfFenceMs)
  if (leftMs > 0) return book
  const fenced = openBook(book)
  fenced.fenced = true
  voidCredits(fenced)
  stopRunning(fenced, fence(leftMs), decided)
  return fenced
}

/** Whether code runs in a shard that may not outlive its lease. */
export const runsExclusive = ({ attempts }: Pick<ShardBook, 'attempts'>): boolean =>
  [...attempts.values()].some(({ running, exclusive }) => running && exclusive)

/** Stops what runs in a shard, of which the fence spares what is not exclusive (K7). */
export function stopRunning(book: ShardBook, stop: Stop, decided: Decided): void {
  for (const [token, { running, exclusive }] of book.attempts) {
    if (running && (exclusive || stop.cause !== 'fenced')) {
      decided.stops.push({ shard: book.shard, token, ...stop })
    }
  }
}

/** Lets an event write the books that it concerns, once every lease has been compared with the clock. */
export function onBooks(
  context: WorkerContext,
  now: ClockReading,
  concerned: (shard: number) => boolean,
  write: Write,
  decided = nothingDecided(),
): Update {
  const books = context.books.map((known) => {
    const book = judged(known, now, context.selfFenceMs, decided)
    if (!concerned(book.shard)) return book
    const open = openBook(book)
    write(open, decided)
    return open
  })
  if (books.length === 1) return { books, decided, now, turns: 0 }
  const turns = context.turns + (decided.starts.length > 0 ? 1 : 0)
  for (const { shard } of decided.starts) {
    const book = books[shard]
    if (book !== undefined) books[shard] = { ...book, begunAt: turns }
  }
  return { books: shareSlots(books, context.slots, decided), decided, now, turns }
}

/** What was assigned in a log that has lost entries since: others may be given the same (K11). */
function stopLost({ shard, attempts }: ShardBook, decided: Decided): void {
  const reason = 'the log of the shard was restored'
  for (const [token, { running }] of attempts)
    if (running) decided.stops.push({ shard, token, cause: 'fenced', reason })
}

/**
 * A command of an epoch below the floor starts and stops nothing; one above it voids what the older leader was given
 * (K6, K10), and one of a higher stream epoch everything that runs (K11).
 */
export function onCommand(context: WorkerContext, now: ClockReading, command: Command, write: Write): Update {
  return onBooks(
    context,
    now,
    (shard) => shard === command.shard,
    (book, decided) => {
      const ahead = command.streamEpoch - book.streamEpoch || command.epoch - book.floor
      if (ahead < 0) {
        book.staleCommands += 1
        return
      }
      if (ahead > 0) {
        if (command.streamEpoch > book.streamEpoch) stopLost(book, decided)
        book.streamEpoch = command.streamEpoch
        book.floor = command.epoch
        book.opened = false
        book.want = noWant
        voidCredits(book)
      }
      write(book, decided)
    },
  )
}
