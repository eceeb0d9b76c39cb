import { limits, type Policy, policySchema } from '@covey/protocol'
import type { KnownOptions } from '../known-options.js'
import { type Duration, durationMs } from './duration.js'
import { refuseDefinition, refuseUnknownFields } from './refuse-definition.js'

/** When a failed attempt is tried again: after `backoff`, then `factor` times as long each time, up to `max`. */
export interface RetryOptions {
  /** Attempts in all, the first included. */
  readonly attempts: number
  /** Default `'1 s'`. */
  readonly backoff?: Duration
  /** Default 2. */
  readonly factor?: number
  /** Default `'1 min'`. */
  readonly max?: Duration
}

/** How the attempts of a workflow are run. */
export interface PolicyOptions {
  readonly version: string
  /** Slots of a worker that one attempt takes. Default 1. */
  readonly slots?: number
  /**
   * Exclusive work never runs twice at a time: a worker that loses its lease aborts it, and it waits for the lease to
   * end before it is assigned again. Other work may be assigned again at once and must bear a second run (K7). Default true.
   */
  readonly exclusive?: boolean
  /** Longest run of one attempt. Default `'1 h'`. */
  readonly timeout?: Duration
  /** Default: one attempt. */
  readonly retry?: RetryOptions
}

const mends = {
  version: ['version', 'give a version of 1 to 64 characters, such as 1.0.0'],
  slots: ['slots', `take 1 to ${limits.slotsPerWorkerMax} slots`],
  exclusive: ['exclusive', 'say true or false'],
  timeoutMs: ['timeout', `take more than 0 ms and at most ${limits.workflowTimeoutMsMax / 86_400_000} days`],
  attempts: ['retry.attempts', `take 1 to ${limits.attemptsMax} attempts, the first included`],
  backoffMs: ['retry.backoff', `take at most ${limits.retryDelayMsMax} ms`],
  backoffFactor: ['retry.factor', 'take a factor from 1 to 100'],
  backoffMaxMs: ['retry.max', `take at most ${limits.retryDelayMsMax} ms`],
} as const satisfies Record<keyof Policy, readonly [field: string, mend: string]>

const knownRetryOptions: KnownOptions<RetryOptions> = {
  ...{ attempts: true, backoff: true, factor: true, max: true },
}

function checkRetry(retry: RetryOptions): void {
  if (typeof retry !== 'object' || retry === null)
    refuseDefinition('retry', 'is no object', 'write it as { attempts: 3 }')
  refuseUnknownFields('retry.', retry, knownRetryOptions)
}

/** The policy that a definition asks for. Throws `invalid_definition` naming the field. */
export function policyOf(options: PolicyOptions): Policy {
  const { version, slots = 1, exclusive = true, timeout = limits.workflowTimeoutMsDefault, retry } = options
  if (retry !== undefined) checkRetry(retry)
  const parsed = policySchema.safeParse({
    version,
    slots,
    exclusive,
    timeoutMs: durationMs('timeout', timeout),
    attempts: retry?.attempts ?? 1,
    backoffMs: durationMs('retry.backoff', retry?.backoff ?? '1 s'),
    backoffFactor: retry?.factor ?? 2,
    backoffMaxMs: durationMs('retry.max', retry?.max ?? '1 min'),
  })
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const [field, mend] = mends[(issue?.path[0] ?? 'version') as keyof Policy]
  return refuseDefinition(field, issue?.message ?? 'does not fit', mend)
}
