import type { LoadThresholds } from '@covey/machines'
import { limits } from '@covey/protocol'

/** What a manager does about load. */
export interface LoadTerms {
  /** From which shares of what it can hold it is busy, stressed and overloaded. */
  readonly thresholds: LoadThresholds
}

/** What it does where nobody says otherwise. */
export const defaultLoad: LoadTerms = { thresholds: limits.loadThresholds }
