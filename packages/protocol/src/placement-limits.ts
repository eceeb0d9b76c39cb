/** The bounds of who is placed where and when, a part of `limits`. */
export const placementLimits = {
  /** Queued workflows of one kind that are looked at, although free workers have refused them, before it waits for the next credit. */
  placementLookAheadMax: 16,
  /** Labels of a worker, and labels that a workflow requires; characters of each side of `name=value`. */
  labelsMax: 32,
  labelTextMax: 64,
  /** Levels of priority. Each level that one is above another counts as much as this time of waiting. */
  priorityMin: -10,
  priorityMax: 10,
  priorityLevelMs: 300_000,
  /** Characters of a key, and attempts of one key at once that a definition may allow. */
  keyTextMax: 200,
  keyLimitMax: 100_000,
  /** Workflows that have left a waiting line by another door, before those that remain are sorted out. */
  goneFromLinesMax: 1_024,
} as const
