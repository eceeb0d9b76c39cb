/** How long a client waits for what, in milliseconds: its own affair, no other node needs to agree. */
export const clientTimings = {
  /** A command without an answer is given up after this, unless the caller says otherwise. */
  deadlineMs: 30_000,
  /** How often it looks how many shards the cluster has, until a manager has said so. */
  shardsLookMs: 250,
  /** What a status waits for the leaders of other shards once one has told of the cluster. */
  otherShardsMs: 1_500,
  /** Silence after which a frame of commands is sent again, doubling up to the maximum. */
  answerTimeoutMs: 1_000,
  answerTimeoutMaxMs: 2_000,
  /** Pause after a frame that could not be sent or found nobody, doubling up to the maximum. */
  resendMinMs: 100,
  resendMaxMs: 500,
  /** How often pending results are looked over: the resolution of their deadlines. */
  resultTickMs: 200,
  /** A result without news for this long is asked for again, doubling up to the maximum (K42). */
  resultAskMs: 1_000,
  resultAskMaxMs: 5_000,
  /** Results asked for again in one look. */
  resultAsksPerTickMax: 4_096,
  /** A part of a large result that the store has not given is asked for again after this. */
  objectRetryMs: 500,
  /** A result that nobody awaits is remembered this long for its push. */
  resultKeptMs: 60_000,
  /** How long a node or a manager has to answer an order, and how long the first list of members may take. */
  orderAnswerMs: 5_000,
  memberListMs: 5_000,
  /** How often a list of jobs asks how far those are that run. */
  jobsLookMs: 1_000,
  /** How often statistics of a job ask what has ended, and how long what has changed waits to be told with more of it. */
  statisticsLookMs: 1_000,
  statisticsTellMs: 200,
  /** A node that has not told its state is asked again after this, doubling up to the maximum. */
  watchAnswerMs: 1_000,
  watchAnswerMaxMs: 10_000,
} as const
