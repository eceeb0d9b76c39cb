import { limits } from '@covey/protocol'

/**
 * As if since when somebody waited, who waits since `sinceMs`: the earlier, the sooner it is its turn. A level of priority
 * counts as much as `priorityLevelMs` of waiting, so whoever waits rises among those who come later, and nobody waits for
 * ever under a flow of higher priority. Of two that wait the order never changes: nothing has to be sorted anew as time
 * passes, and no clock is read.
 */
export const waitsAsIfSinceMs = (sinceMs: number, priority: number): number =>
  sinceMs - priority * limits.priorityLevelMs
