import { compareTokens, type Dispatch, type Report, type TokenText } from '@covey/protocol'
import type { AttemptName } from './attempt-words.js'
import { type Decided, fillUp, type OpenBook, type ShardBook, take } from './slot-book.js'

/** Slots that each offered workflow takes, by {@link offerKey}. */
export type Offered = ReadonlyMap<string, number>

/** How a workflow of one version is looked up among the offers. */
export const offerKey = (name: string, version: string): string => `${name} ${version}`

/**
 * Takes one dispatch: it starts, or it is answered. Check and reservation are one, so nothing can come between them.
 * A token that is known starts nothing and says what has become of it (K5).
 */
export function admit(book: OpenBook, offered: Offered, dispatch: Dispatch, decided: Decided): void {
  const { token, workflow, credits, exclusive } = dispatch
  if (book.attempts.has(token)) {
    decided.asked.push({ shard: book.shard, token })
    return
  }
  const isNewest = book.newest === null || compareTokens(token, book.newest) > 0
  const higher = isNewest ? undefined : higherToken(book, token, workflow)
  const refusal = refusalOf(book, offered, dispatch)
  // The credits are used up whatever becomes of the dispatch (K6).
  const areOutstanding = credits.map((credit) => take(book, credit, decided)).every(Boolean)
  if (higher === undefined && refusal === undefined && areOutstanding) {
    book.attempts.set(token, { workflow, slots: credits.length, exclusive, running: true, promised: [] })
    book.held += credits.length
    if (isNewest) book.newest = token
    decided.starts.push({ shard: book.shard, dispatch })
    return
  }
  const rest = { token, workflow, credits: fillUp(book) }
  if (higher !== undefined)
    say(book, { ...rest, kind: 'burnt', reason: `stale: ${higher} is known` }, decided)
  else say(book, { ...rest, kind: 'refused', reason: refusal ?? 'credit' }, decided)
}

function refusalOf(
  book: ShardBook,
  offered: Offered,
  { name, version, credits }: Dispatch,
): string | undefined {
  if (book.draining) return 'draining'
  if (book.fenced) return 'fenced'
  const slots = offered.get(offerKey(name, version))
  if (slots === undefined) return 'unknown_workflow'
  return credits.length === slots ? undefined : 'slots'
}

/** A token of the same workflow that is above the given one. */
function higherToken(book: ShardBook, token: TokenText, workflow: string): TokenText | undefined {
  for (const [known, attempt] of book.attempts) {
    if (attempt.workflow === workflow && compareTokens(known, token) > 0) return known
  }
  return undefined
}

/** A token that is not known here is burnt together with its credits: no dispatch of it can start any more (K4, K6). */
export function burn(
  book: OpenBook,
  { token, workflow }: AttemptName,
  credits: readonly number[],
  decided: Decided,
): void {
  for (const credit of credits) take(book, credit, decided)
  say(book, { kind: 'burnt', token, workflow, credits: fillUp(book), reason: 'never started' }, decided)
}

/** Says something of an attempt to the leader of the shard. */
export function say(book: ShardBook, report: Report, decided: Decided): void {
  decided.reports.push({ shard: book.shard, epoch: book.floor, report })
}
