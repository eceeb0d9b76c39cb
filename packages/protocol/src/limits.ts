import { cancelLimits } from './cancel-limits.js'
import { hostLimits } from './host-limits.js'
import { keptLimits } from './kept-limits.js'
import { loadLimits } from './load-limits.js'
import { placementLimits } from './placement-limits.js'
import { shardLimits } from './shard-limits.js'
import { statisticsLimits } from './statistics-limits.js'

const kibibyte = 1_024
const mebibyte = 1_024 * kibibyte

/** Every bound of a queue, a map, a payload or a retry. What exceeds one is refused or counted, never dropped in silence. */
export const limits = {
  /** Largest message on the bus; larger things go by the object store. */
  payloadBytesMax: 512 * kibibyte,
  /** Largest input or result of a workflow carried inline. */
  inlineBytesMax: 256 * kibibyte,
  /** How deep an input or result may be; a value within itself would be deeper than any bound. */
  valueDepthMax: 1_000,
  /** A batch of a shard's log is cut by count and by bytes (K38). */
  batchEventsMax: 512,
  batchBytesMax: 512 * kibibyte,
  /** Most time that one batch adds to the time of its shard (K16). */
  batchElapsedMsMax: 60_000,
  /** Events that wait for the append in flight; over it a command is refused as `overloaded`. */
  logQueueEventsMax: 100_000,
  logStreamBytesMax: 4 * 1_024 * mebibyte,
  /** Time for which nothing can be read where a log says that it goes on, before entries are missing: reads of 18 s ago were measured. */
  logDoubtMsMax: 30_000,
  factsStreamBytesMax: 256 * mebibyte,
  outboxStreamBytesMax: 1_024 * mebibyte,
  ...keptLimits,
  ...shardLimits,
  ...placementLimits,
  ...cancelLimits,
  ...hostLimits,
  ...statisticsLimits,
  /** Largest file that a command reads as a whole, such as a job file. */
  commandFileBytesMax: 256 * mebibyte,
  workflowsPerJobMax: 100_000,
  /** Workflows in one `job.submit`: a larger job is submitted in chunks. */
  workflowsPerChunkMax: 256,
  /** Chunks of one job on their way: enough to fill the log's batches, few enough to keep heartbeats quick. */
  chunksInFlightMax: 4,
  workflowsPerShardMax: 1_000_000,
  /** Workers of whose end each shard knows by its log; as many as the events that can wait for an append. */
  endedWorkersMax: 100_000,
  /** Time between the first chunk of a job and its last; then it is cancelled. */
  submissionMsMax: 60_000,
  dependenciesPerWorkflowMax: 1_024,
  /** Bytes of input and dependency results in one dispatch: with its other fields it must fit a payload. */
  dispatchBytesMax: 448 * kibibyte,
  /** Bytes of workflow views in one page of a job. */
  jobPageBytesMax: 256 * kibibyte,
  workflowsPerPageMax: 500,
  /** Jobs in one page of all jobs, and bytes of each at most: a page has to fit a payload. */
  jobsPerPageMax: 2_048,
  jobViewBytesMax: 192,
  /** Names listed in one error; more are left out. */
  namesInErrorMax: 20,
  creditsPerWorkerMax: 1_024,
  slotsPerWorkerMax: 1_024,
  /** Workflows that one worker offers. */
  offersPerWorkerMax: 1_024,
  /** Attempts a definition may ask for, and worker losses a workflow survives before it fails as `worker_lost`. */
  attemptsMax: 1_000,
  lostAttemptsMax: 5,
  retryDelayMsMax: 3_600_000,
  retryFactorMax: 100,
  workflowTimeoutMsDefault: 3_600_000,
  workflowTimeoutMsMax: 20 * 86_400_000,
  /** The longest that a caller waits, where he says how long: as long as a timer of Node can be, about 24 days. */
  deadlineMsMax: 2_147_483_647,
  /** Commands in one message of a client, and questions, cancels or dispatches in one to a worker. */
  commandsPerMessageMax: 512,
  ...loadLimits,
  /** Starts of subjects of which the memory broker remembers who is interested: three a node, and room for more. */
  subjectStartsMax: 16_384,
  /** Frames of one sender that the memory broker knows again: more than those that a node says all the time. */
  sentFramesHeldMax: 4,
  /** Subjects of which a process remembers what they are made of: those of a thousand nodes, several times over. */
  subjectsParsedMax: 16_384,
  /** Inboxes told of the end of one job or workflow, and jobs and workflows for which a leader keeps any. */
  pushInboxesPerIdMax: 16,
  pushIdsMax: 262_144,
  /** Nodes of a cluster: one that would be one more is refused as it joins. */
  membersMax: 1_000,
  /** Nodes followed beyond those: that join a full cluster, and are refused (ADR 79). */
  joinersFollowedMax: 24,
  /** Peers that a node opens a session with unasked; with more of them, a session is opened when it is first needed. */
  eagerSessionsMax: 16,
  /** Dials of a node that are under way at once, and that begin in a second; after a rest as many more as may be under way. */
  dialsInFlightMax: 32,
  dialsPerSecondMax: 64,
  /** Channels that a node reads. */
  channelsPerNodeMax: 64,
  /** Messages of one node on one channel of another that are under way or wait for its reader. */
  channelCreditsMax: 64,
  /** Messages that wait for such a credit, and bytes of all that a node keeps for any; over them a send is `overloaded`. */
  channelQueueMax: 1_024,
  channelSendBytesMax: 64 * mebibyte,
  /** Bytes that wait for the reader of one channel, whoever sent them. */
  channelReadBytesMax: 32 * mebibyte,
  /** How long a send waits for the reader of the other side, unless told otherwise. */
  channelDeadlineMs: 30_000,
  /** How bad a node may hold its own health to be: it multiplies the time of its probes. */
  healthMax: 7,
  /** From this lag of its event loop a node that answers is shown as busy. */
  busyLagMsMin: 500,
  /** A process that has not turned for this long looks at its leases before it handles anything else (K29). */
  wakeupLateMs: 500,
  /** Time past the end of a lease that a blocked event loop has to stop exclusive work, before its process is ended (K28). */
  fenceGraceMs: 1_000,
  /** How long a node waits, before it is active, for the thread that vouches for it while it is busy. */
  pulseOpenMsMax: 1_000,
  /** Join attempts before a node gives up, each with the next generation. */
  joinAttemptsMax: 16,
  /** Rounds in which a manager reads the facts of a name and writes the next one, to put it out or take it in. */
  evictionRoundsMax: 16,
  votesPerMemberMax: 16,
  /** Silent peers that a node asks in a second, once one of them has answered. */
  silentAsksPerSecondMax: 64,
  /** Sums of which a digest of all records is made. */
  digestSums: 32,
  /** Stale news of one node about one name is answered this often, and what others know better is looked at so late. */
  correctionIntervalMs: 1_000,
  factLookDelayMs: 500,
  /**
   * Times that a node asks the broker to tell when it is gone, after waits that double to the second: then its death is
   * found by probes, until its link is lost and found again.
   */
  presenceTriesMax: 16,
  presenceWaitMsMax: 30_000,
  /** Where one of several servers keeps that a node is there: how often it is asked whether it still does. */
  presenceRenewalMs: 10_000,
  /** Active members that a joining node probes both ways before it is active (S3). */
  greetedPeersMax: 10,
  /** Times that it goes on with as many others, where those that answered have not looked at its settings: they leave. */
  greetingRoundsMax: 10,
  /** Times that one of them is asked for its settings which answers probes, and not this: its event loop may be busy. */
  settingsAsksMax: 10,
  /** Times that some of them are asked to ask it, where they do so in vain. */
  unheardAsksMax: 10,
  /** How long a departed peer is shown, and how long one that only rumours speak of (S-A3). */
  departedKeptMs: 86_400_000,
  unverifiedKeptMs: 10_000,
  /** Names whose ends are remembered, living or not, and ends of one name: of older ones it is known that they are over. */
  namesKeptMax: 100_000,
  endingsPerNameMax: 16,
  /** `joined` facts kept of one node's name (K12). */
  joinedFactsKept: 1_000,
  /** How long facts of ended generations are left for who lags, and how many a manager removes in a row. */
  factPurgeIntervalMs: 60_000,
  factPurgesAtOnceMax: 256,
  /** Watches of transitions per node, how long one lives without renewal, and what is kept for a slow client. */
  watchesMax: 64,
  /** Globs and kinds that one watch names, and actors in one part of its first answer. */
  watchPatternsMax: 16,
  watchPartActorsMax: 512,
  /** Actors that a node looks at, in one turn of its event loop, for those that a watch names. */
  watchLooksMax: 4_096,
  watchTtlMs: 10_000,
  /** Charts that one entry of a log lets go of and that a watch tells one by one; of more it tells the state of what is left. */
  watchLetGoMax: 1_024,
  /** Actors whose state one watch of a client remembers, to tell news from what it has told. */
  watchedActorsMax: 1_000_000,
  transitionsBufferedMax: 10_000,
  /** Jobs that a list of jobs asks about at once. */
  jobsAskedAtOnceMax: 512,
  /** A node that is tapped sums up this much time in a frame: so many actors, bytes of their names, words, and transitions. */
  tapIntervalMs: 100,
  tapActorsMax: 8_192,
  /** Actors that any frame may hold; a busy one holds one more for so many transitions. */
  tapActorsQuiet: 512,
  tapTransitionsPerActor: 8,
  tapNamesBytesMax: 256 * kibibyte,
  /** Bytes of a frame that a reader unpacks. */
  tapFrameBytesMax: 1 * mebibyte,
  tapWordsMax: 512,
  tapSampleMax: 16,
  /** Actors that have moved and wait to be told; with more, all are stated anew. */
  tapActorsWaitingMax: 20_000,
  /** What a node tells of one actor to who inspects it: characters of its context as JSON, and timers. */
  inspectContextTextMax: 64 * kibibyte,
  inspectTimersMax: 64,
  /** Workflows that a leader looks at for those that wait, and names of them that it tells. */
  inspectQueuedLooksMax: 100_000,
  inspectQueuedNamesMax: 100,
  /** Of a context: how deep, how many entries of a list, and how many characters of a text are told. */
  inspectDepthMax: 8,
  inspectEntriesMax: 100,
  inspectTextMax: 1_000,
  /** Connections in one answer of a node, and channels of all of them: those that something waits on come first. */
  inspectConnectionsMax: 1_024,
  inspectChannelsMax: 256,
  /** Jobs in one answer of the leader. */
  inspectJobsMax: 200,
  /** The last dead letters that a node keeps for who inspects it. */
  inspectLettersMax: 100,
  /** A worker repeats an ending word after these times, doubling, until it is in the log (K9). */
  reportRepeatMinMs: 500,
  reportRepeatMaxMs: 5_000,
  /** How long a leader lets the news that a word is in the log wait for a dispatch to the same worker to go with. */
  loggedDelayMs: 25,
  /** Repeats in vain after which the word is also left in the outbox. */
  reportRepeatsBeforeOutbox: 2,
  /** Ending words per shard that are in the outbox and not yet in the log; beyond it a word keeps its slot. */
  storedReportsMax: 1_024,
  /** Words in the outbox that a leader reads at once. */
  outboxReadsInFlightMax: 64,
  errorTextMax: 2_000,
  /** Errors kept of a chain of causes, the thrown one first, and the characters of the stack of each. */
  errorCausesMax: 4,
  errorStackMax: 2_000,
  /** Failed attempts before the last whose errors are kept, in short. */
  errorsBeforeMax: 3,
  reasonTextMax: 200,
  /** Characters of texts in messages: names and versions, states, actors, subjects, hosts, instants, `<job>/<step>`. */
  nameTextMax: 64,
  stateTextMax: 32,
  actorTextMax: 160,
  subjectTextMax: 255,
  hostTextMax: 255,
  portMax: 65_535,
  /** Addresses that a node says it can be found by. */
  contactsMax: 16,
  timeTextMax: 40,
  workflowIdTextMax: 129,
  /** Characters of `tracestate` as W3C asks for, and bytes that a trace context adds to a frame at most. */
  tracestateTextMax: 512,
  traceBytesMax: 640,
  rolesShownMax: 8,
  capabilitiesMax: 64,
  /** Actors named in one line of a node's log, and notices told apart there. */
  actorsInLogLineMax: 8,
  noticesToldApartMax: 256,
  /** Pings of a connection without an answer before it counts as down. */
  pingsWithoutAnswerMax: 2,
  /** Facts read at once, what a broker may say before it is known, and its last words that an error quotes. */
  factReadsInFlightMax: 64,
  brokerGreetingBytesMax: 65_536,
  brokerLastWordsMax: 1_000,
  brokerLastLinesMax: 5,
  /**
   * A launcher starts a child again this often within the window, after waits that double between the two bounds. More
   * often than a workflow survives the loss of its worker, so that one that ends its process does not take a worker along.
   */
  childRestartsMax: 10,
  childRestartWindowMs: 120_000,
  childRestartDelayMinMs: 500,
  childRestartDelayMaxMs: 10_000,
  /** A launcher takes its broker along: a goodbye is soon said in vain, and then the node ends without one. */
  orphanGraceMs: 2_000,
  orphanLookIntervalMs: 500,
  /** Signals to what npm has started that come within this time are one wish. */
  interruptMergeMs: 400,
  /** A process whose work is done ends within this time, whatever workflow code has left open in it. */
  processEndMsMax: 2_000,
  /** How long a process that ends waits for a collector of traces to take its last spans. */
  tracesFlushMsMax: 2_000,
  /** Answers that no such process has joined after which its exit is told no more. */
  exitUnknownAnswersMax: 8,
  /** Events of one actor system that wait for their turn. */
  eventQueueMax: 1_000_000,
} as const
