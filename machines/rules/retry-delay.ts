import type { Policy } from '@covey/protocol'
import { equalShareMs } from './retry-jitter.js'

/**
 * The backoff before the next attempt: exponential, with equal jitter, so that it lies between half and all of
 * `backoffMs * backoffFactor^(failures-1)`, capped at `backoffMaxMs`. `jitter` (0 to 1) is drawn by the leader.
 */
export function retryDelayMs(policy: Policy, failures: number, jitter: number): number {
  const full = Math.min(
    policy.backoffMaxMs,
    policy.backoffMs * policy.backoffFactor ** Math.max(0, failures - 1),
  )
  return Math.round(equalShareMs(full, jitter))
}
