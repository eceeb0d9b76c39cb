import type { LoadThresholds, RateLimits } from '@covey/machines'
import { limits } from '@covey/protocol'

/** What a manager does about load. */
export interface LoadTerms {
  /** From which shares of what it can hold it is busy, stressed and overloaded. */
  readonly thresholds: LoadThresholds
  /** How often one client may do what. */
  readonly rates: RateLimits
}

/** What it does where nobody says otherwise. */
export const defaultLoad: LoadTerms = { thresholds: limits.loadThresholds, rates: limits.rateLimits }
