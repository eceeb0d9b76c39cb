import { limits } from '@covey/protocol'
import type { CommandClass } from './load-levels.js'
import { type BucketTerms, fullBucket, type TokenBucket, takeTokens } from './token-bucket.js'

/** What a client does that can be limited; what controls cannot. */
export const rateOperations = ['submit', 'list'] as const satisfies readonly CommandClass[]
/** One of {@link rateOperations}. */
export type RateOperation = (typeof rateOperations)[number]

/** How often one client may do what, by operation; as often as it likes where nothing is said. */
export type RateLimits = Readonly<Partial<Record<RateOperation, BucketTerms>>>

/** What is wrong with a limit, with its values named; `undefined` where nothing is. */
export function faultOfRate({ perSecond, burst }: BucketTerms): string | undefined {
  if (!(perSecond > 0 && perSecond <= limits.ratePerSecondMax))
    return `${perSecond} a second is not above 0 and up to ${limits.ratePerSecondMax}`
  if (!(Number.isSafeInteger(burst) && burst >= 1 && burst <= limits.rateBurstMax))
    return `${burst} at once is not a whole number from 1 to ${limits.rateBurstMax}`
  return undefined
}

/** The bucket of one client, and since when it is known. */
export interface KnownClient {
  readonly bucket: TokenBucket
  readonly sinceMs: number
}

/** What became of one command: the buckets as they are now, and 0, or how long to wait. */
interface RateVerdict {
  readonly known: KnownClient
  readonly strangers: TokenBucket
  readonly waitMs: number
}

/** What all clients may do together that have not been known for as long as a bucket takes to fill. */
export const strangerTerms = ({ perSecond, burst }: BucketTerms): BucketTerms => ({
  perSecond: perSecond * limits.rateStrangers,
  burst: burst * limits.rateStrangers,
})

/** A client that has not been known for as long as its bucket takes to fill has not earned what is in it. */
const isStranger = ({ sinceMs }: KnownClient, { perSecond, burst }: BucketTerms, nowMs: number): boolean =>
  nowMs - sinceMs < (burst / perSecond) * 1_000

/**
 * Whether a client may do something now (S-D2). It takes of its own bucket; and of that of all strangers, for as long as
 * it is one: so a name that is new, or was forgotten, gives nobody more than strangers have together, however often it
 * is changed.
 */
export function judgeRate(
  found: KnownClient | undefined,
  strangers: TokenBucket,
  terms: BucketTerms,
  nowMs: number,
): RateVerdict {
  const known = found ?? { bucket: fullBucket(terms, nowMs), sinceMs: nowMs }
  const own = takeTokens(known.bucket, terms, nowMs)
  if (own.waitMs > 0) return { known: { ...known, bucket: own.bucket }, strangers, waitMs: own.waitMs }
  const taken = { ...known, bucket: own.bucket }
  if (!isStranger(known, terms, nowMs)) return { known: taken, strangers, waitMs: 0 }
  const shared = takeTokens(strangers, strangerTerms(terms), nowMs)
  // What strangers do not have together is not taken of its own either.
  return { known: shared.waitMs > 0 ? known : taken, strangers: shared.bucket, waitMs: shared.waitMs }
}
