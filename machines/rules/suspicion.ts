/** What the wait between a suspicion and a departure depends on. */
export interface SuspicionInput {
  /** Members of the cluster, the own node included. */
  readonly members: number
  /** Observers who say the same, beyond the first. */
  readonly confirmations: number
  readonly probeIntervalMs: number
}

/** Periods that a suspicion is held at least, and those for each power of ten of members. */
const minimumPeriods = 4
const minimumFactor = 3
const maximumFactor = 6
const confirmationsWanted = 3
/**
 * Observers that say aloud that they suspect one member: the first, those that confirm it, and one more since one of them
 * may be gone. Whoever hears so many keeps his own suspicion to himself, so that a death costs the same in every cluster.
 */
export const voicesWanted = confirmationsWanted + 2

/** The shortest time in milliseconds that a suspicion is held, whoever confirms it: it grows with the cluster's size. */
export const suspicionMinimumMs = (members: number, probeIntervalMs: number): number =>
  Math.max(minimumPeriods, minimumFactor * Math.log10(members)) * probeIntervalMs

/**
 * Milliseconds that a suspicion is held before it may become a departure (Lifeguard): long for a single voice, which
 * may itself be the sick one, and short once independent observers confirm it.
 */
export function suspicionTimeoutMs({ members, confirmations, probeIntervalMs }: SuspicionInput): number {
  const minimumMs = suspicionMinimumMs(members, probeIntervalMs)
  const maximumMs = maximumFactor * minimumMs
  // Somebody must exist who could confirm: all but the subject and the first observer.
  const wanted = Math.min(confirmationsWanted, members - 2)
  if (wanted < 1) return minimumMs
  const share = Math.log(confirmations + 1) / Math.log(wanted + 1)
  return Math.max(minimumMs, maximumMs - (maximumMs - minimumMs) * share)
}
