import { type AskMessage, type CancelMessage, limits, type RunMessage } from '@covey/protocol'
import { type AttemptWord, isEnding, type StopCause } from './attempt-words.js'
import { admit, burn, type Offered, say } from './dispatch-admission.js'
import { type ClockReading, laterOf, leaseLeftMs } from './lease-clock.js'
import {
  type AttemptPlace,
  type Decided,
  fillUp,
  nothingDecided,
  type OpenBook,
  openBook,
  promise,
  release,
  type ShardBook,
  settle,
  voidCredits,
} from './slot-book.js'

/** What the worker's chart keeps beside its state. */
export interface WorkerContext {
  readonly selfFenceMs: number
  readonly offered: Offered
  readonly books: readonly ShardBook[]
  /** What follows from the event just handled. */
  readonly decided: Decided
  readonly now: ClockReading
  /** By the monotonic clock: until when what runs may go on in the drain in progress, and when it is over. */
  readonly drain: { readonly workUntilMs: number; readonly deadlineAtMs: number }
}

/** A word on an attempt, with the shard that it belongs to. */
export interface ShardWord {
  readonly shard: number
  readonly word: AttemptWord
}

interface Command {
  readonly shard: number
  readonly streamEpoch: number
  readonly epoch: number
}

type Update = Pick<WorkerContext, 'books' | 'decided' | 'now'>
type Write = (book: OpenBook, decided: Decided) => void

/** Fences a shard whose lease is over: its exclusive attempts are stopped before anything else is looked at (K7, K29). */
function judged(book: ShardBook, now: ClockReading, selfFenceMs: number, decided: Decided): ShardBook {
  if (book.fenced || leaseLeftMs(book.leaseSince, now, selfFenceMs) > 0) return book
  const fenced = openBook(book)
  fenced.fenced = true
  voidCredits(fenced)
  stopRunning(fenced, 'fenced', decided)
  return fenced
}

function stopRunning(book: ShardBook, cause: StopCause, decided: Decided): void {
  for (const [token, { running, exclusive }] of book.attempts) {
    if (running && (exclusive || cause !== 'fenced')) {
      decided.stops.push({ shard: book.shard, token, cause, reason: cause })
    }
  }
}

/** What was assigned in a log that has lost entries since: others may be given the same (K11). */
function stopLost({ shard, attempts }: ShardBook, decided: Decided): void {
  const reason = 'the log of the shard was restored'
  for (const [token, { running }] of attempts)
    if (running) decided.stops.push({ shard, token, cause: 'fenced', reason })
}

function onBooks(
  context: WorkerContext,
  now: ClockReading,
  concerned: (shard: number) => boolean,
  write: Write,
): Update {
  const decided = nothingDecided()
  const books = context.books.map((known) => {
    const book = judged(known, now, context.selfFenceMs, decided)
    if (!concerned(book.shard)) return book
    const open = openBook(book)
    write(open, decided)
    return open
  })
  return { books, decided, now }
}

/**
 * A command of an epoch below the floor starts and stops nothing; one above it voids what the older leader was given
 * (K6, K10), and one of a higher stream epoch everything that runs (K11).
 */
function onCommand(context: WorkerContext, now: ClockReading, command: Command, write: Write): Update {
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
        voidCredits(book)
      }
      write(book, decided)
    },
  )
}

/** Frees what has been logged, then takes the dispatches, in that order. */
export const takeRun = (context: WorkerContext, now: ClockReading, command: RunMessage): Update =>
  onCommand(context, now, command, (book, decided) => {
    for (const token of command.logged) settle(book, token, decided)
    for (const dispatch of command.dispatches) admit(book, context.offered, dispatch, decided)
    for (const answer of command.extensions ?? [])
      if (book.attempts.has(answer.token)) decided.extended.push({ shard: book.shard, answer })
    renewIfFresh(book, decided)
  })

/** Stops what runs; what is not known is burnt together with its credits (K4, K6). */
export const takeCancel = (context: WorkerContext, now: ClockReading, command: CancelMessage): Update =>
  onCommand(context, now, command, (book, decided) => {
    for (const { token, workflow, credits, cause, reason } of command.cancels) {
      const attempt = book.attempts.get(token)
      const place = { shard: book.shard, token }
      if (attempt === undefined) burn(book, { token, workflow }, credits, decided)
      else if (attempt.running) decided.stops.push({ ...place, cause, reason })
      else decided.asked.push(place)
    }
  })

/** Answers what is known; what is not is burnt in this very transition (K4). The last part of an opening opens the shard (K10). */
export const takeAsk = (context: WorkerContext, now: ClockReading, command: AskMessage): Update =>
  onCommand(context, now, command, (book, decided) => {
    for (const { token, workflow, credits } of command.questions) {
      if (book.attempts.has(token)) decided.asked.push({ shard: book.shard, token })
      else burn(book, { token, workflow }, credits, decided)
    }
    if (!command.opening || !command.last) return
    book.opened = true
    fillUp(book)
    decided.renewals.push(book.shard)
  })

/** The lease counts from the moment the answered renewal was sent (K7); the answer of a deposed leader grants nothing. */
export const takeGrant = (
  context: WorkerContext,
  now: ClockReading,
  command: Command,
  sentAt: ClockReading,
): Update =>
  onCommand(context, now, command, (book, decided) => {
    book.leaseSince = laterOf(book.leaseSince, sentAt)
    book.fenced = leaseLeftMs(book.leaseSince, now, context.selfFenceMs) <= 0
    renewIfFresh(book, decided)
  })

/** Adds the credits to the words of attempts; an ending word also ends the attempt in the book. */
export function takeWords(context: WorkerContext, now: ClockReading, words: readonly ShardWord[]): Update {
  const shards = new Set(words.map(({ shard }) => shard))
  return onBooks(
    context,
    now,
    (shard) => shards.has(shard),
    (book, decided) => {
      for (const { shard, word } of words) {
        const attempt = shard === book.shard ? book.attempts.get(word.token) : undefined
        if (attempt === undefined) continue
        const credits = isEnding(word) ? promise(book, word.token, attempt) : []
        say(book, { credits: [...credits], ...word }, decided)
      }
    },
  )
}

/** An ending word is in the outbox: its slots are free, the announcing goes on (K9). */
export const takeStored = (
  context: WorkerContext,
  now: ClockReading,
  { shard, token }: AttemptPlace,
): Update =>
  onBooks(
    context,
    now,
    (concerned) => concerned === shard,
    (book, decided) => {
      const attempt = book.attempts.get(token)
      if (attempt === undefined || attempt.running || attempt.slots === 0) return
      if (book.attempts.size >= book.quota + limits.storedReportsMax) return
      release(book, attempt)
      book.attempts.set(token, { ...attempt, slots: 0, promised: [] })
      fillUp(book)
      decided.renewals.push(shard)
    },
  )

/** Compares every lease with the clock. */
export const judgeLeases = (context: WorkerContext, now: ClockReading): Update =>
  onBooks(
    context,
    now,
    () => false,
    () => undefined,
  )

/** Work may be assigned from now on, so leases count from now on; every shard's leader is told. */
export const activateShards = (context: WorkerContext, now: ClockReading): Update => {
  const books = context.books.map((book) => ({ ...book, leaseSince: now, fenced: false }))
  return { books, now, decided: { ...nothingDecided(), renewals: books.map(({ shard }) => shard) } }
}

/** Every credit is taken back, and leaders are told at once. */
export const beginDrain = (context: WorkerContext, now: ClockReading): Update =>
  onBooks(
    context,
    now,
    () => true,
    (book, decided) => {
      book.draining = true
      voidCredits(book)
      decided.renewals.push(book.shard)
    },
  )

/** Stops what runs in every shard; the fence spares what is not exclusive (K7). */
export const stopAll = (context: WorkerContext, cause: StopCause): Pick<WorkerContext, 'decided'> => {
  const decided = nothingDecided()
  for (const book of context.books) stopRunning(book, cause, decided)
  return { decided }
}

/** The leader of a shard is to be told of its book. */
export const renewShard = (context: WorkerContext, now: ClockReading, shard: number): Update => {
  const update = judgeLeases(context, now)
  update.decided.renewals.push(shard)
  return update
}

/** Credits that no report names are told by a renewal, and not only at the next interval. */
function renewIfFresh(book: OpenBook, decided: Decided): void {
  if (fillUp(book).length > 0) decided.renewals.push(book.shard)
}
