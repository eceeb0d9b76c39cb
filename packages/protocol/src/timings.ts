/** How fast a node finds out who lives. */
export interface DetectionTimings {
  /** A node asks one peer in turn this often; suspicions are held for a number of these. */
  readonly probeIntervalMs: number
  readonly probeTimeoutMs: number
  /** Two nodes compare what they know of all others this often. */
  readonly digestIntervalMs: number
}

/** How far the nodes of a cluster are from their broker: on one machine, in one site, or in several. */
export const profiles = ['local', 'lan', 'wan'] as const
/** One of {@link profiles}. */
export type Profile = (typeof profiles)[number]

/** What a profile stands for. */
export const detectionOf: Readonly<Record<Profile, DetectionTimings>> = {
  local: { probeIntervalMs: 150, probeTimeoutMs: 75, digestIntervalMs: 1_000 },
  lan: { probeIntervalMs: 250, probeTimeoutMs: 100, digestIntervalMs: 2_000 },
  wan: { probeIntervalMs: 1_000, probeTimeoutMs: 500, digestIntervalMs: 10_000 },
}

/** Every duration that two nodes of one cluster must agree on, in milliseconds (table 4 of `docs/names.md`). */
export interface Timings extends DetectionTimings {
  /** An idle leader appends an empty batch this often (K19), and a worker renews its leases. */
  readonly renewalIntervalMs: number
  /** Silence of a shard's log after which a candidate claims it. */
  readonly leaderTimeoutMs: number
  /** A hint that the leader is gone shortens the silence to this, never below (K44). */
  readonly leaderHintMs: number
  /** A worker without a grant for this long aborts its exclusive work (K7). */
  readonly workerSelfFenceMs: number
  /** A worker's work may be assigned again this long after the last grant (K7). */
  readonly workerLeaseMs: number
  /** A broker link up for this long before its silence means anything (K14). */
  readonly linkSettleMs: number
  /** `ready` resolves or rejects before this. */
  readonly readyDeadlineMs: number
  readonly joinDeadlineMs: number
  readonly leaveDeadlineMs: number
  readonly redialMinMs: number
  readonly redialMaxMs: number
  readonly dialTimeoutMs: number
  /** How long a leader waits before it asks about an assignment without a word, and how often it reconciles. */
  readonly reconcileIntervalMs: number
}

/** One nats-server: its restart takes under a second. */
export const singleServerTimings: Timings = {
  renewalIntervalMs: 1_000,
  leaderTimeoutMs: 3_000,
  leaderHintMs: 500,
  workerSelfFenceMs: 6_000,
  workerLeaseMs: 8_000,
  linkSettleMs: 3_000,
  ...detectionOf.lan,
  readyDeadlineMs: 15_000,
  joinDeadlineMs: 60_000,
  leaveDeadlineMs: 10_000,
  redialMinMs: 250,
  redialMaxMs: 1_000,
  dialTimeoutMs: 5_000,
  reconcileIntervalMs: 2_000,
}

/** Three nats-servers with replicated streams: their own election takes 4 to 9 s after a kill (K18). */
export const replicatedTimings: Timings = {
  ...singleServerTimings,
  leaderTimeoutMs: 16_000,
  workerSelfFenceMs: 20_000,
  workerLeaseMs: 24_000,
  readyDeadlineMs: 30_000,
  joinDeadlineMs: 120_000,
  leaveDeadlineMs: 30_000,
}

/** A leader acts only while its last acknowledged append is younger than this share of `leaderTimeoutMs` (K6). */
export const leaderActsShare = 0.9

/**
 * The version of the fold: a manager with another one may follow a shard, never lead it (K38). 2: events are rows (ADR 46);
 * 3: a claim says what is kept of ended jobs (ADR 50); 4: a snapshot says which words of the outbox it has,
 * large results count with their own bytes in what is kept, a cancel names several steps of a job (ADR 51), an attempt may
 * fail as `host_ended` (ADR 55), a step says what it demands, and no assignment goes over the limit of a key (ADR 56);
 * 5: a claim may raise the stream epoch, and what is kept says since when that holds (K11);
 * 6: a cancel names its command, whose answer is kept, and retention moves a horizon for submits (K24, K25);
 * 7: attempts are given more time (ADR 64);
 * 8: what a cancel by filter met is kept (K24);
 * 9: what a workflow counted is kept beside its result (ADR 70);
 * 10: a claim names the term that it follows, a batch its own, and which terms there were is kept (K11).
 */
export const foldVersion = 10
