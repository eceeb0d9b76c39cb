const kibibyte = 1_024
const mebibyte = 1_024 * kibibyte

/** The bounds of what is kept of a shard, a part of `limits`: its snapshots, and jobs that have ended. */
export const keptLimits = {
  /** What is too large for a message, in parts: the snapshots of the shards, and large results. */
  objectsStreamBytesMax: 2 * 1_024 * mebibyte,
  /** Bytes in one part of an object, and parts that are read at once. */
  objectPartBytes: 256 * kibibyte,
  objectReadsInFlightMax: 8,
  /**
   * How long a store may go on saying that a part is not there before it is believed: a deposed leader answered for 18 s
   * (measured). Of a snapshot there may be a newer one, and who needs it looks again.
   */
  resultDoubtMsMax: 30_000,
  snapshotDoubtMsMax: 500,
  /** Largest result of a workflow, and the parts of it; results of dependencies that are handed over to one function. */
  resultBytesMax: 64 * mebibyte,
  resultPartsMax: 4_096,
  handedBytesMax: 256 * mebibyte,
  /** Large results that a client reads at once. */
  resultsReadAtOnceMax: 4,
  /** Workflows of which one stream of progress remembers what it has told. */
  progressWorkflowsMax: 10_000,
  /** How often a leader looks for large results that nobody needs, and how many it removes then. */
  resultSweepMs: 60_000,
  resultSweepsAtOnceMax: 256,
  /** Records of a shard that are packed in one turn of the event loop while a snapshot is written. */
  snapshotRowsAtOnce: 2_000,
  /** Events that a log takes before the state of its shard is kept whole again. */
  snapshotEventsMax: 1_000_000,
  /** Where a snapshot had no room, the next try comes so much later. */
  snapshotRetryMs: 60_000,
  /** The newest snapshots that a shard knows of; two of them can be loaded, the others wait to be removed. */
  snapshotsNamedMax: 8,
  /** Words of a shard, and bytes of them, that its outbox holds before two snapshots are taken so that they can go (K9). */
  outboxWordsKept: 10_000,
  outboxBytesKept: 8 * mebibyte,
  /** Shares of a log's bytes: from the first on a snapshot is due, from the second on no job is taken in (K35). */
  logSnapshotShare: 0.25,
  /** How full a log is is asked after so many entries in which nothing happened. */
  logMeasureEntries: 100,
  logRefuseShare: 0.6,
  /**
   * What a shard keeps of jobs that have ended: so many workflows, so many bytes of their results, for so long. What goes
   * is `expired` for as long as its id is among so many.
   */
  endedWorkflowsKept: 200_000,
  endedBytesKept: 256 * mebibyte,
  endedKeptMs: 86_400_000,
  expiredJobsKept: 100_000,
} as const
