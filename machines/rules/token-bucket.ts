/** A bucket of tokens as it was at an instant of its owner's clock; what has come in since is computed when it is asked. */
export interface TokenBucket {
  readonly tokens: number
  readonly atMs: number
}

/** How many tokens a bucket holds at most, and how many come into it in a second. */
export interface BucketTerms {
  readonly burst: number
  readonly perSecond: number
}

/** A bucket as it begins. */
export const fullBucket = ({ burst }: BucketTerms, atMs: number): TokenBucket => ({ tokens: burst, atMs })

/** The bucket as it is now, with `more` put in. A clock that steps back takes nothing out. */
export function refilled(bucket: TokenBucket, terms: BucketTerms, nowMs: number, more = 0): TokenBucket {
  const passedMs = Math.max(0, nowMs - bucket.atMs)
  const tokens = Math.min(terms.burst, bucket.tokens + (passedMs / 1_000) * terms.perSecond + more)
  return { tokens, atMs: nowMs }
}

/** A bucket after somebody asked for tokens; `waitMs` is 0 where they were there, else when they will be. */
export interface Taken {
  readonly bucket: TokenBucket
  readonly waitMs: number
}

/** Takes `count` tokens, all or none. More than the bucket can hold are taken from a full one, which then owes them. */
export function takeTokens(bucket: TokenBucket, terms: BucketTerms, nowMs: number, count = 1): Taken {
  const now = refilled(bucket, terms, nowMs)
  const lacking = Math.min(count, terms.burst) - now.tokens
  // What rounding leaves out of a token is not waited for: who comes when told to finds it there.
  if (lacking > 1e-9) return { bucket: now, waitMs: Math.ceil((lacking / terms.perSecond) * 1_000) }
  return { bucket: { tokens: now.tokens - count, atMs: nowMs }, waitMs: 0 }
}
