import { limits } from '@covey/protocol'

/** Milliseconds after which an ending word that nobody has acknowledged is said again, doubling with each repeat (K9). */
export const reportRepeatMs = (repeats: number): number =>
  Math.min(limits.reportRepeatMaxMs, limits.reportRepeatMinMs * 2 ** Math.min(repeats, 16))

/** Whether a word that has been repeated so often in vain is also to be left in the outbox (K9). */
export const isForOutbox = (repeats: number): boolean => repeats >= limits.reportRepeatsBeforeOutbox
