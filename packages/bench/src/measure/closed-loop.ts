import type { Clock } from '@covey/transport'
import type { Latencies } from './latencies.js'

/** What is repeated, and for how long. */
export interface LoopOptions {
  readonly clock: Clock
  readonly inFlight: number
  readonly durationMs: number
  /** Ends before its time when so many operations have begun. Default: none is too many. */
  readonly operationsMax?: number
  /** Takes the latency of every operation. */
  readonly latencies: Latencies
  /** One operation; what it rejects with ends the benchmark. */
  readonly operation: () => Promise<unknown>
}

/** What a loop did. */
export interface LoopResult {
  readonly operations: number
  readonly perSecond: number
}

/** Keeps a number of operations under way for a time, and lets all that have begun end. */
export async function closedLoop(options: LoopOptions): Promise<LoopResult> {
  const {
    clock,
    inFlight,
    durationMs,
    operationsMax = Number.POSITIVE_INFINITY,
    latencies,
    operation,
  } = options
  const startedAtMs = clock.now()
  const endsAtMs = startedAtMs + durationMs
  let begun = 0
  let operations = 0
  const lane = async (): Promise<void> => {
    for (let beganAtMs = clock.now(); beganAtMs < endsAtMs && begun < operationsMax; ) {
      begun += 1
      await operation()
      const nowMs = clock.now()
      latencies.take(nowMs - beganAtMs)
      operations += 1
      beganAtMs = nowMs
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  return { operations, perSecond: (operations * 1_000) / (clock.now() - startedAtMs) }
}
