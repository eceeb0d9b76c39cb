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
  /** How often an attempt is given more time (H17). */
  extensionsMax: 5,
  /**
   * Requests to a worker that fail in a row before it is given no more; how long it then rests; and how many it is given
   * after that, before there is news (H18).
   */
  breakerFailuresMax: 3,
  breakerRestMs: 10_000,
  breakerProbesMax: 1,
  /**
   * What a limit on the rate of a client may say; whose rate a leader knows; and as how many clients those count together
   * that it does not know yet (S-D1, S-D2). Lists are limited where nobody says otherwise: a job of 100,000 workflows is
   * shown at once, a loop that lists is not.
   */
  ratePerSecondMax: 1_000_000,
  rateBurstMax: 1_000_000,
  rateClientsMax: 10_000,
  rateStrangers: 16,
  rateLimits: { list: { perSecond: 200, burst: 1_000 } },
} as const
