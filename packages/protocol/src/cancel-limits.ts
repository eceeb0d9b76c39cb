/** Bounds of cancels; a part of `limits`. */
export const cancelLimits = {
  /** Time a cancelled or timed-out function has to return before its host is ended, or its stop is reported as overdue. */
  cancelGraceMs: 5_000,
  /** Workflows named in the answer to one cancel; more are only counted. */
  cancelOutcomesListedMax: 1_000,
  /** A reason of a cancel with the name of who cancelled. */
  stopReasonTextMax: 272,
  /** Cancels that a client may have without an answer beside them: no other command takes their place. */
  cancelsWaitingMax: 100_000,
  /** Answers to cancels that a leader keeps until the log has them; over it the cancel is taken, and who asks again is answered. */
  cancelAnswersMax: 100_000,
  /** Cancels whose answers a shard keeps for who repeats them, and outcomes in all of these (K24). */
  answeredCancelsMax: 1_000,
  answeredOutcomesMax: 20_000,
  /** Cancels by filter of which one is carried out and the others wait; over it who asks again is taken. */
  cancelFiltersWaitingMax: 64,
  /** Steps of a job in one event that cancels some of them. */
  cancelledStepsMax: 256,
} as const
