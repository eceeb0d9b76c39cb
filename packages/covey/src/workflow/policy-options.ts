import { type Labels, labelTexts, limits, type Policy, policySchema } from '@covey/protocol'
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

/** How many attempts run at once, in each shard. */
export interface ConcurrencyOptions<Given = never> {
  /** Attempts of one key at once; of all without a key, where none is given. */
  readonly limit: number
  /** The key of an input as it is submitted: a tenant, an account. It is computed where the workflow is submitted. */
  readonly key?: (input: Given) => string
}

/** How the attempts of a workflow are run. */
export interface PolicyOptions<Given = never> {
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
  /** Labels that a worker has to have: `['gpu', 'region=eu']` or `{ gpu: true, region: 'eu' }`. Default: none. */
  readonly requires?: Labels
  /** Default: as many attempts at once as there are slots. */
  readonly concurrency?: ConcurrencyOptions<Given>
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
  requires: ['requires', `require at most ${limits.labelsMax} labels`],
  keyLimit: ['concurrency.limit', `allow 1 to ${limits.keyLimitMax} attempts of one key`],
} as const satisfies Record<keyof Required<Policy>, readonly [field: string, mend: string]>

const knownRetryOptions: KnownOptions<RetryOptions> = {
  ...{ attempts: true, backoff: true, factor: true, max: true },
}

function checkRetry(retry: RetryOptions): void {
  if (typeof retry !== 'object' || retry === null)
    refuseDefinition('retry', 'is no object', 'write it as { attempts: 3 }')
  refuseUnknownFields('retry.', retry, knownRetryOptions)
}

const knownConcurrencyOptions: KnownOptions<ConcurrencyOptions> = { ...{ limit: true, key: true } }

function checkConcurrency(concurrency: ConcurrencyOptions): void {
  if (typeof concurrency !== 'object' || concurrency === null)
    refuseDefinition('concurrency', 'is no object', 'write it as { limit: 2, key: (input) => input.tenant }')
  refuseUnknownFields('concurrency.', concurrency, knownConcurrencyOptions)
  const { key } = concurrency
  if (key === undefined || typeof key === 'function') return
  const mend = 'pass (input) => input.tenant; without a key the limit is that of all attempts of the workflow'
  refuseDefinition('concurrency.key', 'is not a function', mend)
}

/** What a definition asks of the place of its attempts. */
function placingOf({ requires, concurrency }: PolicyOptions): Pick<Policy, 'requires' | 'keyLimit'> {
  if (concurrency !== undefined) checkConcurrency(concurrency)
  const labels = labelTexts(requires ?? [], (message, mend) => refuseDefinition('requires', message, mend))
  return {
    ...(labels.length > 0 && { requires: labels }),
    ...(concurrency !== undefined && { keyLimit: concurrency.limit }),
  }
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
    ...placingOf(options),
  })
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const [field, mend] = mends[(issue?.path[0] ?? 'version') as keyof Policy]
  return refuseDefinition(field, issue?.message ?? 'does not fit', mend)
}
