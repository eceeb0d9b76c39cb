import { limits } from '@covey/protocol'
import { decorrelatedJitterMs } from './retry-jitter.js'

const bounds = { minMs: limits.reportRepeatMinMs, maxMs: limits.reportRepeatMaxMs }

/**
 * Milliseconds after which an ending word that nobody has acknowledged is said again, `lastMs` after it was said the time
 * before (K9): decorrelated, so that workers which lost the same leader do not all speak at once to the next.
 */
export const reportRepeatMs = (lastMs: number, chance: number): number =>
  decorrelatedJitterMs(lastMs, chance, bounds)

/** Whether a word that has been repeated so often in vain is also to be left in the outbox (K9). */
export const isForOutbox = (repeats: number): boolean => repeats >= limits.reportRepeatsBeforeOutbox
