export {
  type AttemptContext,
  type AttemptEvent,
  type AttemptStart,
  attemptMachine,
} from './attempt.machine.js'
export {
  type BreakerContext,
  type BreakerEvent,
  type BreakerState,
  breakerMachine,
} from './breaker.machine.js'
export type {
  ConnectionContext,
  ConnectionEvent,
  ConnectionInput,
  RefusalReason,
} from './connection.events.js'
export { connectionMachine } from './connection.machine.js'
export { type JobContext, type JobEvent, jobMachine, type WorkflowEnd } from './job.machine.js'
export {
  type LeadershipContext,
  type LeadershipEvent,
  type LeadershipInput,
  leadershipMachine,
} from './leadership.machine.js'
export { type ManagerEvent, managerMachine } from './manager.machine.js'
export type { DepartedReason, NodeContext, NodeEvent, NodeInput, NodeOutput } from './node.events.js'
export { nodeMachine } from './node.machine.js'
export { type OverloadContext, type OverloadEvent, overloadMachine } from './overload.machine.js'
export type { PeerContext, PeerEvent, PeerInput, PeerRecord } from './peer.events.js'
export { peerMachine } from './peer.machine.js'
export { waitsAsIfSinceMs } from './rules/ageing.js'
export type { AttemptName, AttemptWord, EndingWord, Stop, StopCause } from './rules/attempt-words.js'
export { isCertainEnd } from './rules/certain-end.js'
export {
  addCredit,
  type CreditRanges,
  countCredits,
  deleteCredit,
  listCredits,
} from './rules/credit-ranges.js'
export {
  type ExtensionAsk,
  type ExtensionVerdict,
  type GivenExtension,
  judgeExtension,
} from './rules/deadline-extension.js'
export { type DepartureGround, type DepartureVerdict, judgeDeparture } from './rules/departure.js'
export { type Offered, offerKey } from './rules/dispatch-admission.js'
export { takesWork } from './rules/dispatch-outcome.js'
export { attemptKey, mayHoldOneMore } from './rules/key-limit.js'
export { hasLabels, missingLabels } from './rules/labels.js'
export { type ClockReading, leaseLeftMs } from './rules/lease-clock.js'
export {
  type CommandClass,
  classOfCommand,
  creditAt,
  faultOfThresholds,
  isShed,
  type LoadLevel,
  type LoadThresholds,
  loadLevels,
} from './rules/load-levels.js'
export { type HealthNews, healthAfter, isSick, patienceOf } from './rules/local-health.js'
export { corroboratorsWanted, ProbeOrder, relaysPerProbe } from './rules/probe-order.js'
export { departureQuorum } from './rules/quorum.js'
export {
  faultOfRate,
  judgeRate,
  type KnownClient,
  type RateLimits,
  type RateOperation,
  rateOperations,
  strangerTerms,
} from './rules/rate-limits.js'
export { isNews, mergeRecords } from './rules/record.js'
export { type RedialBounds, redialDelayMs } from './rules/redial-backoff.js'
export { flapScore, reentryDelayMs } from './rules/reentry.js'
export { reportRepeatMs } from './rules/report-backoff.js'
export { retryDelayMs } from './rules/retry-delay.js'
export {
  decorrelatedJitterMs,
  equalJitterMs,
  fullJitterMs,
  nextChance,
  type RetryBounds,
} from './rules/retry-jitter.js'
export { differenceOf, disagreementOf, type SessionTerms } from './rules/session-terms.js'
export { shardRanks } from './rules/shard-ranks.js'
export type { AttemptPlace, Decided, ShardBook } from './rules/slot-book.js'
export {
  type SuspicionInput,
  suspicionMinimumMs,
  suspicionTimeoutMs,
  voicesWanted,
} from './rules/suspicion.js'
export {
  type BucketTerms,
  fullBucket,
  refilled,
  type TokenBucket,
  takeTokens,
} from './rules/token-bucket.js'
export { digestPlace, ViewDigest } from './rules/view-digest.js'
export { isEvidence, isNetworkFault, isVote, type SuspicionGround } from './rules/vote-weight.js'
export { runsExclusive, type WorkerContext } from './rules/worker-books.js'
export { lookAtSilence, mayLeadAgain, silencePatienceMs, type WorkerSilence } from './rules/worker-silence.js'
export type { ShardWord } from './rules/worker-words.js'
export { type WorkerEvent, type WorkerInput, workerMachine } from './worker.machine.js'
export type { StopOrder, WorkflowContext, WorkflowEvent } from './workflow.events.js'
export { workflowMachine } from './workflow.machine.js'
