/** Every bound of an inspector: what one page, or all of them, may cost it. */
export const inspectorLimits = {
  /** Pages that are connected at a time, and connections of browsers in all. */
  pagesMax: 32,
  connectionsMax: 256,
  /** Time between two frames: at most ten a second. */
  frameIntervalMs: 100,
  /** Actors in one frame that have changed, and that are gone; what more there is comes with the next. */
  actorsPerFrameMax: 2_000,
  /** Actors that are followed; more are counted and not shown. */
  actorsMax: 200_000,
  /** Transitions shown of those in one frame, evenly spread over them, and those that are looked at for it. */
  transitionsPerFrameMax: 50,
  transitionsHeldPerFrameMax: 10_000,
  /** Transitions kept for the last ones of an actor, and how many of them one answer or a page that joins is told. */
  timelineRowsMax: 20_000,
  lastTransitionsMax: 50,
  timelineToldMax: 200,
  /** Bytes that wait for a page to read them; with more it gets no frames, and then everything anew. */
  pageBufferBytesMax: 4 * 1_024 * 1_024,
  /** A page that has read nothing for so long is closed. */
  pageStuckMs: 60_000,
  /** Bytes of one question, and questions of one page without an answer. */
  questionBytesMax: 16 * 1_024,
  questionsInFlightMax: 16,
  /** How long the cluster is followed on after the last page has gone. */
  lingerMs: 5_000,
  /** Time between two looks at the status and at the counters, and until a stream that failed is begun again. */
  statusIntervalMs: 1_000,
  countersIntervalMs: 2_000,
  streamRetryMs: 5_000,
  /** How long a node or the leader has for an answer. */
  answerDeadlineMs: 5_000,
  /** Nodes asked for their counters at a time, and dead letters of all of them that a page is told. */
  nodesAskedAtOnceMax: 16,
  lettersListedMax: 2_000,
  /** Messages in one page of the log, bytes of all of them, and events shown of each. */
  logRowsMax: 200,
  logPageBytesMax: 1_024 * 1_024,
  logEventsPerRowMax: 64,
  logReadMsMax: 5_000,
  /** Time of one fold of the log, after which asking again goes on from there; folds that wait; how long one is kept. */
  foldMsMax: 20_000,
  foldsWaitingMax: 8,
  foldKeptMs: 60_000,
  /** How long after the store of snapshots has not answered it is asked again. */
  snapshotRetryMs: 500,
  /** Jobs and workflows listed of a folded state. */
  foldedJobsMax: 200,
  foldedWorkflowsMax: 500,
  /** Workflows of a job that a page is shown; a larger one is shown by its summary only. */
  jobStepsMax: 20_000,
  /** Jobs whose progress is followed, how long without being asked for again, and workflows of each. */
  progressJobsMax: 16,
  progressKeptMs: 15_000,
  progressWorkflowsMax: 10_000,
} as const

/** The bounds of one inspector. */
export type InspectorLimits = { readonly [Name in keyof typeof inspectorLimits]: number }
