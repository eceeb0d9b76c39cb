import type { Dispatch, ExtensionAnswer, Report, TokenText, Want } from '@covey/protocol'
import type { Stop } from './attempt-words.js'
import { addCredit, type CreditRanges, countCredits, deleteCredit, type OpenRanges } from './credit-ranges.js'
import type { ClockReading } from './lease-clock.js'

/** An attempt that this worker knows: from its dispatch until its ending word is in the log. */
export interface KnownAttempt {
  readonly workflow: string
  /** Slots that it keeps; none once its ending word is in the outbox (K9). */
  readonly slots: number
  readonly exclusive: boolean
  /** Its code may run; false once the code has really ended. */
  readonly running: boolean
  /** Credits that its ending word names: they stand for its slots and count once the word is in the log. */
  readonly promised: readonly number[]
}

/**
 * What a worker keeps for one shard. At all times, slots held by attempts plus credits outstanding are at most `quota`
 * (invariant 18): every credit stands for one free slot and exactly one dispatch may use it up (K6, K10).
 */
export interface ShardBook {
  readonly shard: number
  /** The slots that this shard may use now; those of all shards are never more than the worker has. */
  readonly quota: number
  /** What the quota is to be: what it has more is given up as it becomes free, for a shard that wants it. */
  readonly target: number
  /** What its leader has last said that it could use. */
  readonly want: Want
  /** When an attempt began in it last, counted in such turns of the worker; 0 in a worker of one shard. */
  readonly begunAt: number
  /** Credits that have been asked back. */
  readonly recalled: number
  /** The stream epoch of the floor: it counts before the epoch, which may be lower after a restore (K11). */
  readonly streamEpoch: number
  /** The highest epoch seen: commands of a lower one start nothing (K6). */
  readonly floor: number
  /** Whether the list of the floor's leader has been answered: before, it gets no credit (K10). */
  readonly opened: boolean
  /** The lease is over: nothing exclusive runs and nothing starts before the next grant (K7). */
  readonly fenced: boolean
  readonly draining: boolean
  /** When the newest granted renewal was sent (K7). */
  readonly leaseSince: ClockReading
  /** Credits are given out once: this is the next number. */
  readonly nextCredit: number
  readonly outstanding: CreditRanges
  readonly attempts: ReadonlyMap<TokenText, KnownAttempt>
  /** The highest token that has started: a dispatch above it needs no look at every attempt that is known. */
  readonly newest: TokenText | null
  /** Slots of all `attempts`. */
  readonly held: number
  /** Commands of a lower epoch that were refused. */
  readonly staleCommands: number
}

/** A book that one decision may write: opened once for each event, however many attempts the event is about. */
export type OpenBook = { -readonly [Key in keyof ShardBook]: ShardBook[Key] } & {
  outstanding: OpenRanges
  attempts: Map<TokenText, KnownAttempt>
}

/** An attempt by its address inside the worker. */
export interface AttemptPlace {
  readonly shard: number
  readonly token: TokenText
}

/** What follows from one event, for the host to carry out. */
export interface Decided {
  readonly starts: { readonly shard: number; readonly dispatch: Dispatch }[]
  readonly stops: (AttemptPlace & Stop)[]
  /** Attempts that are to say what has become of them. */
  readonly asked: AttemptPlace[]
  /** Attempts that asked for more time, and are answered. */
  readonly extended: { readonly shard: number; readonly answer: ExtensionAnswer }[]
  /** Attempts whose ending word is in the log. */
  readonly settled: AttemptPlace[]
  readonly reports: { readonly shard: number; readonly epoch: number; readonly report: Report }[]
  /** Shards whose leader is to hear of the credits at once. */
  readonly renewals: number[]
}

export const nothingDecided = (): Decided => ({
  starts: [],
  stops: [],
  asked: [],
  extended: [],
  settled: [],
  reports: [],
  renewals: [],
})

/** Nothing waits, as far as is known. */
export const noWant: Want = { slots: 0, unit: 1 }

/** The book of a shard that has not heard of this worker yet. */
export const emptyBook = (shard: number, quota: number, now: ClockReading): ShardBook => ({
  shard,
  quota,
  target: quota,
  want: noWant,
  recalled: 0,
  begunAt: 0,
  streamEpoch: 0,
  floor: 0,
  opened: false,
  fenced: false,
  draining: false,
  leaseSince: now,
  nextCredit: 1,
  outstanding: [],
  attempts: new Map(),
  newest: null,
  held: 0,
  staleCommands: 0,
})

/** Copies a book for writing. */
export const openBook = (book: ShardBook): OpenBook => ({
  ...book,
  outstanding: [...book.outstanding],
  attempts: new Map(book.attempts),
})

/** Whether work may begin in the shard. */
export const isServing = ({ opened, fenced, draining }: ShardBook): boolean => opened && !fenced && !draining

function mint(book: OpenBook, count: number): number[] {
  const credits: number[] = []
  for (; credits.length < count; book.nextCredit += 1) credits.push(book.nextCredit)
  return credits
}

/** Gives out a credit for every slot that is neither held nor promised; answers the fresh ones. */
export function fillUp(book: OpenBook): number[] {
  const free = Math.min(book.quota, book.target) - book.held - countCredits(book.outstanding)
  if (!isServing(book) || free <= 0) return []
  const fresh = mint(book, free)
  for (const credit of fresh) addCredit(book.outstanding, credit)
  return fresh
}

/** How many slots an ended attempt may hand on to the next of its shard; the others are for a shard that wants them. */
function mayHandOn({ quota, target, outstanding, attempts }: OpenBook, token: TokenText): number {
  if (target >= quota) return Number.POSITIVE_INFINITY
  let others = countCredits(outstanding)
  for (const [known, { running, slots, promised }] of attempts) {
    if (known !== token) others += running ? slots : promised.length
  }
  return Math.max(0, target - others)
}

/** The credits that go with the ending word of an attempt: one for each slot it keeps, the same at each repetition. */
export function promise(book: OpenBook, token: TokenText, attempt: KnownAttempt): readonly number[] {
  const handedOn = Math.min(attempt.slots, mayHandOn(book, token))
  const missing = isServing(book) ? handedOn - attempt.promised.length : 0
  const promised = missing > 0 ? [...attempt.promised, ...mint(book, missing)] : attempt.promised
  if (attempt.running || missing > 0) book.attempts.set(token, { ...attempt, running: false, promised })
  return promised
}

/** The ending word of an attempt is in the log: its slots are free, and what was promised for them counts (K9). */
export function settle(book: OpenBook, token: TokenText, decided: Decided): void {
  const attempt = book.attempts.get(token)
  if (attempt === undefined || attempt.running) return
  book.attempts.delete(token)
  release(book, attempt)
  decided.settled.push({ shard: book.shard, token })
}

/** Frees the slots of an attempt whose ending word nobody can lose any more. */
export function release(book: OpenBook, attempt: KnownAttempt): void {
  book.held -= attempt.slots
  for (const credit of attempt.promised) addCredit(book.outstanding, credit)
}

/**
 * Uses a credit up; false where it is not outstanding. A credit that is still promised proves that the word it was
 * promised with is in the log, since only then may a leader name it: that word is settled first.
 */
export function take(book: OpenBook, credit: number, decided: Decided): boolean {
  if (deleteCredit(book.outstanding, credit)) return true
  for (const [token, { promised }] of book.attempts) {
    if (!promised.includes(credit)) continue
    settle(book, token, decided)
    return deleteCredit(book.outstanding, credit)
  }
  return false
}

/** Takes back every credit, outstanding or promised: a dispatch that names one starts nothing from now on. */
export function voidCredits(book: OpenBook): void {
  book.outstanding = []
  for (const [token, attempt] of book.attempts) {
    if (attempt.promised.length > 0) book.attempts.set(token, { ...attempt, promised: [] })
  }
}
