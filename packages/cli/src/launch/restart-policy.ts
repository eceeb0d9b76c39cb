import { limits } from '@covey/protocol'

const { childRestartsMax, childRestartWindowMs, childRestartDelayMinMs, childRestartDelayMaxMs } = limits

/** Of the times at which a child has ended, those that still count at `nowMs`. */
export const countedEnds = (endedAtMs: readonly number[], nowMs: number): number[] =>
  endedAtMs.filter((atMs) => nowMs - atMs < childRestartWindowMs)

/**
 * Milliseconds until a child that has ended `ends` times within the window is started again; `undefined` where that is
 * one restart too many, and it stays down. The cap doubles with every end, and `chance` (0 to 1) picks from the whole
 * of it, so that children that were felled together do not come back together.
 */
export function restartDelayMs(ends: number, chance: number): number | undefined {
  if (ends > childRestartsMax) return undefined
  return chance * Math.min(childRestartDelayMaxMs, childRestartDelayMinMs * 2 ** (ends - 1))
}
