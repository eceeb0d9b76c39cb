import type { LoadTerms } from '@covey/actors'
import {
  type BucketTerms,
  faultOfRate,
  faultOfThresholds,
  type LoadThresholds,
  type RateLimits,
  type RateOperation,
  rateOperations,
} from '@covey/machines'
import { CoveyError, limits } from '@covey/protocol'
import { type KnownOptions, refuseUnknownOptions } from '../known-options.js'

/** How often one client may do something. */
export interface RateLimit {
  /** So often in a second, on average: above 0. */
  readonly perSecond: number
  /** So often at once, after a pause. Default: as often as in a second, and at least once. */
  readonly burst?: number
}

/** What a manager does about load. */
export interface LoadOptions {
  /**
   * The shares of what a manager can hold from which it is `busy`, `stressed` and `overloaded`: three numbers that ascend,
   * up to 1. Default 0.7, 0.85, 0.95.
   */
  readonly loadThresholds?: readonly number[]
  /**
   * How often one client may `submit` a job, and `list` jobs or the workflows of one, at each shard (S-D2); who comes more
   * often is told when to come again. Whatever cancels, or asks how work stands, is never limited. Default: `submit` as
   * often as it likes, `list` 200 times a second and 1,000 times at once; `false` is as often as it likes.
   */
  readonly rateLimits?: { readonly [Operation in RateOperation]?: RateLimit | false }
}

/** The thresholds of the overload detector. Throws `invalid_options`, with the values named (S-D4). */
function thresholdsOf({ loadThresholds = limits.loadThresholds }: LoadOptions): LoadThresholds {
  const where = 'startNode.loadThresholds'
  const [busy = 0, stressed = 0, overloaded = 0] = Array.isArray(loadThresholds) ? loadThresholds : []
  const fault = Array.isArray(loadThresholds)
    ? faultOfThresholds(loadThresholds)
    : `${typeof loadThresholds} is no list`
  if (fault === undefined) return [busy, stressed, overloaded]
  throw new CoveyError('invalid_options', `${where}: ${fault}`, {
    address: where,
    mend: `give three numbers that ascend, or leave it out for ${limits.loadThresholds.join(', ')}`,
  })
}

const knownOperations: KnownOptions<Record<RateOperation, unknown>> = { submit: true, list: true }
const knownRate: KnownOptions<RateLimit> = { perSecond: true, burst: true }

/** The limits of clients. Throws `invalid_options`, with the values named. */
function ratesOf({ rateLimits = {} }: LoadOptions): RateLimits {
  refuseUnknownOptions('startNode.rateLimits', rateLimits, knownOperations)
  const rates: { -readonly [Operation in RateOperation]?: BucketTerms } = { ...limits.rateLimits }
  for (const operation of rateOperations) {
    const given = rateLimits[operation]
    if (given === false) delete rates[operation]
    if (given === undefined || given === false) continue
    const where = `startNode.rateLimits.${operation}`
    refuseUnknownOptions(where, given, knownRate)
    const { perSecond, burst = Math.max(1, Math.ceil(perSecond)) } = given
    const fault = faultOfRate({ perSecond, burst })
    if (fault !== undefined) {
      const mend = 'write it as { perSecond: 50, burst: 100 }, or false for no limit'
      throw new CoveyError('invalid_options', `${where}: ${fault}`, { address: where, mend })
    }
    rates[operation] = { perSecond, burst }
  }
  return rates
}

/** What a manager does about load, with what is not said filled in. Throws `invalid_options`. */
export const loadOf = (options: LoadOptions): LoadTerms => ({
  thresholds: thresholdsOf(options),
  rates: ratesOf(options),
})
