import { type AskMessage, type CancelMessage, limits, type RunMessage, type Want } from '@covey/protocol'
import { admit, burn } from './dispatch-admission.js'
import { type ClockReading, laterOf, leaseLeftMs } from './lease-clock.js'
import {
  type AttemptPlace,
  type Decided,
  fillUp,
  nothingDecided,
  noWant,
  type OpenBook,
  release,
  settle,
  voidCredits,
} from './slot-book.js'
import { takeReturned } from './slot-sharing.js'
import {
  type Command,
  fence,
  onBooks,
  onCommand,
  stopRunning,
  type Update,
  type WorkerContext,
} from './worker-books.js'

/** Frees what has been logged, then takes the dispatches, in that order. */
export const takeRun = (context: WorkerContext, now: ClockReading, command: RunMessage): Update =>
  onCommand(context, now, command, (book, decided) => {
    for (const token of command.logged) settle(book, token, decided)
    for (const dispatch of command.dispatches) admit(book, context.offered, dispatch, decided)
    for (const answer of command.extensions ?? [])
      if (book.attempts.has(answer.token)) decided.extended.push({ shard: book.shard, answer })
    if (command.want !== undefined) book.want = command.want
    else if (book.want.slots > 0) {
      const begun = command.dispatches.reduce((sum, { credits }) => sum + credits.length, 0)
      book.want = { ...book.want, slots: Math.max(0, book.want.slots - begun) }
    }
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
  command: Command & { readonly want?: Want; readonly returned?: readonly number[] },
  sentAt: ClockReading,
): Update =>
  onCommand(context, now, command, (book, decided) => {
    takeReturned(book, command.returned)
    book.want = command.want ?? noWant
    book.leaseSince = laterOf(book.leaseSince, sentAt)
    book.fenced = leaseLeftMs(book.leaseSince, now, context.selfFenceMs) <= 0
    renewIfFresh(book, decided)
  })

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
  const { turns } = context
  return { books, now, turns, decided: { ...nothingDecided(), renewals: books.map(({ shard }) => shard) } }
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

/** Stops what runs in every shard: the time that the drain gave it is over. */
export const stopDrained = ({ books }: WorkerContext): Pick<WorkerContext, 'decided'> => {
  const decided = nothingDecided()
  for (const book of books) stopRunning(book, { cause: 'drained', reason: 'drained' }, decided)
  return { decided }
}

/** Fences every shard: the node may no longer act (K7). */
export const fenceAll = (
  { books, selfFenceMs }: WorkerContext,
  now: ClockReading,
): Pick<WorkerContext, 'decided'> => {
  const decided = nothingDecided()
  for (const book of books) stopRunning(book, fence(leaseLeftMs(book.leaseSince, now, selfFenceMs)), decided)
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
