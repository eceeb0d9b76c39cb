const kibibyte = 1_024

/** The bounds of what functions tell while they run, a part of `limits`: their progress and their statistics. */
export const statisticsLimits = {
  /** Progress reports sent per attempt and second. */
  progressPerSecondMax: 5,
  /** The length of a window of statistics, by the wall clock of the worker. */
  statisticsWindowMs: 10_000,
  /** What one attempt may keep: names, windows, and bytes of all, which travel beside its result. */
  statisticsNamesMax: 64,
  statisticsWindowsMax: 4_320,
  statisticsBytesMax: 128 * kibibyte,
  /** The largest value of a histogram. */
  histogramValueMax: 1_000_000_000_000,
  /** Statistics that an attempt sends in a second while it runs: the newest counts. */
  statisticsPerSecondMax: 1,
  /** Bytes of statistics in one page of a job. */
  statisticsPageBytesMax: 256 * kibibyte,
  /** Running workflows of which one stream of statistics remembers what they have sent. */
  statisticsWorkflowsMax: 10_000,
} as const
