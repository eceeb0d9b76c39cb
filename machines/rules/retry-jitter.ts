/** Bounds of the wait before something is tried again, in milliseconds. */
export interface RetryBounds {
  readonly minMs: number
  readonly maxMs: number
}

/** The most that is waited after `failures` in vain: it doubles from `minMs` to `maxMs`. */
const capMs = (failures: number, { minMs, maxMs }: RetryBounds): number =>
  Math.min(maxMs, minMs * 2 ** Math.min(failures, 30))

/** Half of a wait, and of the other half as much as `chance` (0 to 1) says. */
export const equalShareMs = (mostMs: number, chance: number): number => mostMs / 2 + (mostMs / 2) * chance

/**
 * Full jitter: `chance` (0 to 1) picks from the whole of the wait, so that many who lost the same thing at the same
 * moment do not come back together (H20).
 */
export const fullJitterMs = (failures: number, chance: number, bounds: RetryBounds): number =>
  chance * capMs(failures, bounds)

/** Equal jitter: between half of the wait and all of it, for who must not come back at once either (H20). */
export const equalJitterMs = (failures: number, chance: number, bounds: RetryBounds): number =>
  equalShareMs(capMs(failures, bounds), chance)

/**
 * Decorrelated jitter: between `minMs` and three times the wait before, and never over `maxMs`. Two that began together
 * drift apart with each wait (H20).
 */
export const decorrelatedJitterMs = (lastMs: number, chance: number, { minMs, maxMs }: RetryBounds): number =>
  Math.min(maxMs, minMs + chance * Math.max(0, 3 * lastMs - minMs))

/**
 * The next of a row of chances from 0 (included) to 1 (excluded). A machine starts the row with a number drawn for it
 * and stays pure.
 */
export const nextChance = (chance: number): number => (chance * 9_301 + 0.211_327) % 1
