/** Bounds of the wait before the next dial, in milliseconds. */
export interface RedialBounds {
  readonly redialMinMs: number
  readonly redialMaxMs: number
}

/**
 * Milliseconds to wait before dial number `attempt` + 1: the cap doubles from `redialMinMs` to `redialMaxMs`, and
 * `chance` (0 to 1) picks from the whole of it, so that many who lost the same link do not come back together.
 */
export function redialDelayMs(attempt: number, chance: number, bounds: RedialBounds): number {
  const capMs = Math.min(bounds.redialMaxMs, bounds.redialMinMs * 2 ** Math.min(attempt, 30))
  return chance * capMs
}

/**
 * The next of a row of chances from 0 (included) to 1 (excluded). A machine starts the row with a number drawn for it
 * and stays pure.
 */
export const nextChance = (chance: number): number => (chance * 9_301 + 0.211_327) % 1
