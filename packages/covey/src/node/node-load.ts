import type { LoadTerms } from '@covey/actors'
import { faultOfThresholds, type LoadThresholds } from '@covey/machines'
import { CoveyError, limits } from '@covey/protocol'

/** What a manager does about load. */
export interface LoadOptions {
  /**
   * The shares of what a manager can hold from which it is `busy`, `stressed` and `overloaded`: three numbers that ascend,
   * up to 1. Default 0.7, 0.85, 0.95.
   */
  readonly loadThresholds?: readonly number[]
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

/** What a manager does about load, with what is not said filled in. Throws `invalid_options`. */
export const loadOf = (options: LoadOptions): LoadTerms => ({ thresholds: thresholdsOf(options) })
