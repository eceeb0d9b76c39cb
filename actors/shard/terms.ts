import { createHash } from 'node:crypto'
import { type ClaimMessage, isBeyond, limits, type StreamPlace } from '@covey/protocol'

/** Where a claim stands in the log, and the name of the term that it began. */
export interface ClaimedTerm {
  readonly sequence: number
  readonly term: string
}

/** What of a fold says who wrote its log, and where. */
export interface TermRecord {
  readonly streamEpoch: number
  readonly sequence: number
  /** The newest claims, the newest last. */
  readonly terms: readonly ClaimedTerm[]
}

/** Digits of a digest that name a term. */
const termDigits = 12

/**
 * Names the term that a claim begins. No two claims have one name, also where the second is of the same epoch, at the same
 * sequence and of the same process: it says whose claim it is, which of its attempts, and which term it follows.
 */
export function termOf({
  streamEpoch,
  epoch,
  leader,
  generation,
  bootId,
  attempt,
  follows,
}: ClaimMessage): string {
  const claim = JSON.stringify([streamEpoch, epoch, leader, generation, bootId, attempt, follows ?? null])
  return createHash('sha256').update(claim).digest('hex').slice(0, termDigits)
}

/** The terms of a log in which one more was claimed; the oldest are forgotten. */
export const withTerm = (terms: readonly ClaimedTerm[], claimed: ClaimedTerm): readonly ClaimedTerm[] =>
  [...terms, claimed].slice(-limits.termsKeptMax)

/** The term that a log was in at a sequence; `undefined` before the first claim that is remembered. */
export const termAt = (terms: readonly ClaimedTerm[], sequence: number): string | undefined =>
  terms.findLast((claimed) => claimed.sequence <= sequence)?.term

/** The term that a fold ends in; `undefined` before any claim. */
export const currentTerm = ({ terms }: Pick<TermRecord, 'terms'>): string | undefined => terms.at(-1)?.term

/** Where a fold has come to: what its manager says to everybody. */
export function placeOf({ streamEpoch, sequence, terms }: TermRecord): StreamPlace {
  const term = currentTerm({ terms })
  return term === undefined ? { streamEpoch, sequence } : { streamEpoch, sequence, term }
}

/**
 * Whether somebody has seen another log: a longer one, one of a higher stream epoch, or one that another term has written
 * where both have an entry (K11). Two logs with one term at one sequence are the same up to there, for each claim names the
 * term that it follows. Where the place names no term, or one older than all that are remembered, only length tells.
 */
export function contradicts(fold: TermRecord, place: StreamPlace): boolean {
  if (isBeyond(place, fold)) return true
  if (place.streamEpoch < fold.streamEpoch) return false
  const term = termAt(fold.terms, place.sequence)
  return term !== undefined && place.term !== undefined && place.term !== term
}
