import type { EngineLimits } from './engine-limits.js'

/** Wait before the next restart after `restarts` in a row, in milliseconds; undefined where no more are allowed. */
export const restartDelayMs = (restarts: number, limits: EngineLimits): number | undefined =>
  restarts >= limits.restartsMax
    ? undefined
    : Math.min(limits.restartBackoffMaxMs, limits.restartBackoffMs * 2 ** restarts)
