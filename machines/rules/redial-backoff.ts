import { fullJitterMs } from './retry-jitter.js'

/** Bounds of the wait before the next dial, in milliseconds. */
export interface RedialBounds {
  readonly redialMinMs: number
  readonly redialMaxMs: number
}

/**
 * Milliseconds to wait before dial number `attempt` + 1, with full jitter: the cap doubles from `redialMinMs` to
 * `redialMaxMs`, and `chance` (0 to 1) picks from the whole of it.
 */
export const redialDelayMs = (
  attempt: number,
  chance: number,
  { redialMinMs: minMs, redialMaxMs: maxMs }: RedialBounds,
): number => fullJitterMs(attempt, chance, { minMs, maxMs })
