import {
  CoveyError,
  detectionOf,
  limits,
  type Profile,
  replicatedTimings,
  singleServerTimings,
  type Timings,
} from '@covey/protocol'
import { type KnownOptions, refuseUnknownOptions } from '../known-options.js'

/** What decides about the timings of a node. */
interface TimingOptions {
  readonly replicas?: 1 | 3
  readonly profile?: Profile
  readonly timings?: Timings
}

const knownTimings: KnownOptions<Timings> = {
  ...{ probeIntervalMs: true, probeTimeoutMs: true, digestIntervalMs: true, renewalIntervalMs: true },
  ...{ leaderTimeoutMs: true, leaderHintMs: true, workerSelfFenceMs: true, workerLeaseMs: true },
  ...{ linkSettleMs: true, readyDeadlineMs: true, joinDeadlineMs: true, leaveDeadlineMs: true },
  ...{ redialMinMs: true, redialMaxMs: true, dialTimeoutMs: true, reconcileIntervalMs: true },
}

const address = 'startNode.timings'

const isTime = (ms: unknown): boolean => typeof ms === 'number' && ms > 0 && ms <= limits.deadlineMsMax

/**
 * Throws `invalid_options` for timings that are not whole, or no times, and for a lease that is over before who holds it
 * would abort its exclusive work (K7).
 */
export function refuseTimings(timings: Timings): void {
  refuseUnknownOptions(address, timings, knownTimings)
  for (const name of Object.keys(knownTimings) as (keyof Timings)[]) {
    const ms: unknown = timings[name]
    if (isTime(ms)) continue
    throw new CoveyError('invalid_options', `${address}.${name} is ${String(ms)}: no time`, {
      address: `${address}.${name}`,
      mend: 'give all timings in milliseconds above 0, or leave them out for those of replicas and profile',
    })
  }
  const { workerSelfFenceMs, workerLeaseMs } = timings
  if (workerSelfFenceMs < workerLeaseMs) return
  const told = `workerSelfFenceMs is ${workerSelfFenceMs} and workerLeaseMs ${workerLeaseMs}`
  throw new CoveyError('invalid_options', `${address}: ${told}: exclusive work would run twice`, {
    address,
    mend: 'let a worker fence itself before its lease is over',
  })
}

/** Those that are given, else those of the replicas and the profile. */
export function timingsOf({ replicas = 1, profile = 'lan', timings }: TimingOptions): Timings {
  if (timings !== undefined) return timings
  const those = replicas === 3 ? replicatedTimings : singleServerTimings
  return { ...those, ...detectionOf[profile] }
}
