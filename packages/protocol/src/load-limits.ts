/** The bounds of what is done about load, a part of `limits`. */
export const loadLimits = {
  /** Commands of one client without an answer; over it a command is refused as `overloaded`. */
  commandsWaitingMax: 100_000,
  /** Requests of one process without an answer. */
  requestsInFlightMax: 65_536,
  /**
   * Repeats of commands that a client may make at once to one shard, that time adds in a second, and that each answer adds;
   * what is due beyond them goes out together when there is room again (H20).
   */
  repeatsBurst: 32,
  repeatsPerSecond: 5,
  repeatsPerAnswer: 0.1,
  /**
   * Shares of what a manager can hold from which it is busy, stressed and overloaded; below this share of one of them, at so
   * many looks in a row, it is so no more (H19). It looks this often, and whom it refuses may ask again so much later.
   */
  loadThresholds: [0.7, 0.85, 0.95],
  loadReliefShare: 0.9,
  loadReliefLooks: 3,
  loadLookMs: 1_000,
  loadHintMs: 1_000,
  /** Commands, what controls aside, that a client may have without an answer at each level. */
  loadCredits: { busy: 256, stressed: 64, overloaded: 16 },
} as const
