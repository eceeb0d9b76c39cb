import { countCredits, deleteCredit } from './credit-ranges.js'
import { type Decided, fillUp, isServing, type OpenBook, openBook, type ShardBook } from './slot-book.js'

/** What a shard could use now, beside what it has begun: nothing where it may begin nothing. */
const wantOf = (book: ShardBook): number => (isServing(book) ? book.want.slots : 0)

/** Slots of attempts that run, and those that the ending words of others have promised: nobody can have them back. */
function committed({ attempts }: ShardBook): number {
  let slots = 0
  for (const attempt of attempts.values()) slots += attempt.running ? attempt.slots : attempt.promised.length
  return slots
}

const isInWant = (book: ShardBook): boolean => wantOf(book) > countCredits(book.outstanding)

/**
 * How many slots each shard is to have, where one wants more than it was given: one after the other gets as many as it can
 * use together, the one that has the fewest first, of equals the one in which nothing has begun for longest. What does not
 * suffice for the first is kept for it, so that no shard with small work keeps one with large work from ever beginning.
 * What nobody wants stays where it is.
 */
function targetsOf(books: readonly ShardBook[], slots: number): readonly number[] {
  const begun = books.map(committed)
  const targets = [...begun]
  let rest = slots - sum(begun)
  const isBefore = (one: number, other: number): boolean => {
    const fewer = (targets[one] ?? 0) - (targets[other] ?? 0)
    return fewer < 0 || (fewer === 0 && (books[one]?.begunAt ?? 0) < (books[other]?.begunAt ?? 0))
  }
  while (rest > 0) {
    let first: number | undefined
    for (const [shard, book] of books.entries()) {
      const wants = (targets[shard] ?? 0) < (begun[shard] ?? 0) + wantOf(book)
      if (wants && (first === undefined || isBefore(shard, first))) first = shard
    }
    if (first === undefined) break
    const given = Math.min(rest, Math.max(1, books[first]?.want.unit ?? 1))
    targets[first] = (targets[first] ?? 0) + given
    rest -= given
  }
  return withKept(books, targets, rest)
}

/** What nobody wants stays where it is. */
function withKept(books: readonly ShardBook[], targets: readonly number[], free: number): readonly number[] {
  let rest = free
  return books.map(({ quota }, shard) => {
    const target = targets[shard] ?? 0
    const kept = Math.min(rest, Math.max(0, quota - target))
    rest -= kept
    return target + kept
  })
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

/** Slots that attempts hold, or that a leader may use at any moment. */
const inUse = (book: ShardBook): number => book.held + countCredits(book.outstanding)

/**
 * Shares the slots of a worker among its shards (K10e). A shard has what it needs as long as nobody else wants it; a quota
 * shrinks only by what is neither held nor outstanding, and others grow only by what has been given up, so that all
 * together are never more than the slots declared (invariant 18). Idle credits are asked back of the leader that has them.
 */
export function shareSlots(
  books: readonly ShardBook[],
  slots: number,
  decided: Decided,
): readonly ShardBook[] {
  const isAnyInWant = books.some(isInWant)
  const isAtRest = (book: ShardBook): boolean => book.quota === book.target && book.recalled === 0
  if (!isAnyInWant && books.every(isAtRest)) return books
  const targets = isAnyInWant ? targetsOf(books, slots) : books.map(({ quota }) => quota)
  const shrunk = books.map((book, shard) => Math.min(book.quota, Math.max(targets[shard] ?? 0, inUse(book))))
  let free = slots - sum(shrunk)
  return books.map((book, shard) => {
    const target = targets[shard] ?? 0
    const kept = shrunk[shard] ?? 0
    const grown = Math.max(0, Math.min(free, target - kept))
    free -= grown
    return given(book, kept + grown, target, decided)
  })
}

/** A book with another quota: what it has more is given out, what it is to give up is asked back. */
function given(book: ShardBook, quota: number, target: number, decided: Decided): ShardBook {
  if (quota === book.quota && target === book.target && recallOf(book) === book.recalled) return book
  const open = openBook(book)
  open.quota = quota
  open.target = target
  const isFresh = fillUp(open).length > 0
  const recalled = recallOf(open)
  if (isFresh || recalled > open.recalled) decided.renewals.push(open.shard)
  open.recalled = recalled
  return open
}

/** How many of the credits outstanding are wanted back. */
const recallOf = (book: ShardBook): number =>
  Math.min(countCredits(book.outstanding), Math.max(0, inUse(book) - book.target))

/** Takes back what a leader has given back; of what it has not, nothing. */
export function takeReturned(book: OpenBook, credits: readonly number[] = []): void {
  for (const credit of credits) deleteCredit(book.outstanding, credit)
}

/** Notes which attempts have ended, before anything is promised for their slots. */
export function noteAttemptsEnded(book: OpenBook, tokens: readonly string[]): void {
  for (const token of tokens) {
    const attempt = book.attempts.get(token)
    if (attempt?.running) book.attempts.set(token, { ...attempt, running: false })
  }
}
