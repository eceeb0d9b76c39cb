const penalty = 500
const suppressedFrom = 5_000
const halfLifeMs = 300_000
const delayMinMs = 250
const delayMaxMs = 60_000

/** The flap score after one more re-entry, `elapsedMs` after the last: it halves every five minutes (S17). */
export const flapScore = (score: number, elapsedMs: number): number =>
  score * 2 ** (-elapsedMs / halfLifeMs) + penalty

/**
 * Milliseconds before a departed generation is replaced by a new one (S16, S17): doubling with each re-entry in a row,
 * drawn between half and the whole, and over the limit as long as the score takes to fall below it.
 */
export function reentryDelayMs(score: number, chance: number): number {
  if (score >= suppressedFrom) return halfLifeMs * Math.log2(score / suppressedFrom) + delayMaxMs
  const capMs = Math.min(delayMaxMs, delayMinMs * 2 ** (score / penalty - 1))
  return capMs * (0.5 + chance / 2)
}
