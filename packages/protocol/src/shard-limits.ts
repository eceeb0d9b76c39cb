const gibibyte = 1_024 ** 3

/** The bounds of several shards and of the managers that share them, a part of `limits`. */
export const shardLimits = {
  /** Shards of one cluster. */
  shardsMax: 64,
  /** Bytes of the logs of all shards together, which they share equally. */
  allLogsBytesMax: 8 * gibibyte,
  /**
   * Candidates of one rank for a shard spread their claims over this much time; one of the next rank waits so much longer,
   * and from some rank on they are all alike.
   */
  claimStaggerMsMax: 100,
  claimRanksMax: 5,
  /** The highest stream epoch; far beyond it a number is not exact any more, and nobody could read a claim of it. */
  streamEpochMax: 1_000_000_000,
  /** So far may a stream epoch that somebody names be beyond the one of the shard; more is a made-up number (K11). */
  streamEpochLeapMax: 1_000,
  /** Claims that a fold remembers: a place that is older than the oldest of them is judged by its length alone (K11). */
  termsKeptMax: 256,
  /** Terms of which one process names a place; only those that no leader has answered to stand beside the newest (K11). */
  placesSeenMax: 8,
  /** Shards that a manager begins to fold, claims, or asks for, at once (K50). */
  shardsAtOnceMax: 4,
  /** Looks in a row at which a manager ranks first for a shard before it asks for it, and entries that it may lag behind then. */
  handOverLooks: 2,
  handOverLagMax: 1_000,
  /**
   * Terms in a row in which a leader and its workers did not hear each other that make it wait longer before it gives its
   * shard up: 16 times at most (K41).
   */
  silentTermsCounted: 4,
  /**
   * After a term in which no worker heard it a manager stands back for so long, doubling up to the maximum with each further
   * one, unless a worker hears it before (K41).
   */
  unheardRestMs: 60_000,
  unheardRestMsMax: 600_000,
} as const
