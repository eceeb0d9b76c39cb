export { type Channels, type ChannelView, createChannels } from './channels/channels.js'
export type { ReceivedMessage } from './channels/reader.js'
export type { ConnectionView } from './connection/connection-view.js'
export type { Sessions } from './connection/sessions.js'
export type { Environment, NodePart, Notice, Self } from './environment.js'
export type { CodePlace, HostChannel, HostListener, NodeChannel, OpenHost } from './isolation/host-channel.js'
export { HostPool } from './isolation/host-pool.js'
export { HostedCode } from './isolation/hosted-code.js'
export type { HostedName } from './isolation/isolated-host.js'
export type { Ending, Member, MemberNews, MemberState, Members } from './membership/members.js'
export type { Membership, MembershipEnd, MembershipOptions, NodeState } from './membership/membership.js'
export { startMembership } from './membership/start-membership.js'
export { type ResultGround, readResult } from './objects/stored-results.js'
export { SeenPlace } from './seen-place.js'
export { Breakers, type WorkRequest } from './shard/breakers.js'
export { Buckets } from './shard/buckets.js'
export { moveWorkflow } from './shard/charts.js'
export { type Applied, applyBatch, applyClaim, applyEntry, type Folded } from './shard/fold.js'
export {
  type FoldedDetail,
  type FoldedDetails,
  type FoldedJob,
  jobRow,
  newest,
} from './shard/folded-details.js'
export type { FoldedActor, FoldedActorTransition, FoldedTransitions } from './shard/folded-transitions.js'
export { checkGraph } from './shard/job-graph.js'
export { defaultKeeping, type Keeping } from './shard/keeping.js'
export { defaultLoad, type LoadTerms } from './shard/load-terms.js'
export { snapshotsNamedIn } from './shard/log-reader.js'
export { createManagerPart, type ManagerOptions, type ManagerPart } from './shard/manager-part.js'
export { restoreShard } from './shard/restored-shard.js'
export { type Seat, Seats } from './shard/seats.js'
export type { ShardFigures } from './shard/shard-figures.js'
export { type ImageRow, imageOf, packRow } from './shard/shard-image.js'
export type { ShardReading } from './shard/shard-reading.js'
export {
  emptyShard,
  type FoldedTransition,
  type JobRecord,
  type ShardState,
  type WorkflowRecord,
} from './shard/shard-state.js'
export { readSnapshot, type SnapshotReference } from './shard/snapshot-store.js'
export { type TermGround, type TermParts, termParts } from './shard/term-parts.js'
export { type ReadWindow, readStatistics } from './statistics/read-statistics.js'
export {
  type Counter,
  type Gauge,
  type Histogram,
  type Statistics,
  StatisticsRecorder,
} from './statistics/recorder.js'
export { type StatisticsWindow, WindowTotals } from './statistics/window-totals.js'
export type { TracedAssignment, TracedAttempt, Tracing } from './tracing.js'
export { type CodeEnding, failure } from './worker/code-ending.js'
export { type Extension, ExtensionAsks } from './worker/extension-asks.js'
export type { AttemptInput, CodeHost, HostedAttempt, HostedWorkflow } from './worker/hosted-workflow.js'
export { type CodeGround, LoadedCode, type TimeAsk } from './worker/loaded-code.js'
export { runCode } from './worker/run-code.js'
export { Sampler } from './worker/sampler.js'
export {
  createWorkerPart,
  type WorkerOptions,
  type WorkerPart,
  type WorkerView,
} from './worker/worker-part.js'
