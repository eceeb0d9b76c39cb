export type {
  Counter,
  Extension,
  Gauge,
  Histogram,
  Member,
  MemberState,
  MembershipEnd,
  NodeState,
  Notice,
  Statistics,
  StatisticsWindow,
} from '@covey/actors'
export type { MetricsOptions } from '@covey/metrics'
export {
  type CancelFilter,
  type CancelOutcome,
  CoveyError,
  type ErrorCode,
  type GoodbyeReason,
  type JobCounts,
  type Labels,
  type LiveState,
  type NodeView,
  type Place,
  type Policy,
  type Role,
  type ShardView,
  type Timings,
  type Transition,
  type WorkflowView,
} from '@covey/protocol'
export type { BrokerFacts, Clock, Credentials, Links, Random, Tls } from '@covey/transport'
export { type Channel, type ChannelOptions, defineChannel } from './channel/define-channel.js'
export type { ReceivedMessage } from './channel/node-channels.js'
export type {
  CancelAnswer,
  CancelCounts,
  CancelOptions,
  Client,
  ClusterStatus,
  DeadlineOptions,
  JobDescription,
  JobHandle,
  JobSummary,
  Progress,
  RestoredShard,
  RestoredShards,
  StepsHandle,
  SubmitOptions,
  SubmittedJob,
} from './client/client-contract.js'
export {
  type ClientOptions,
  type ConnectOptions,
  connect,
  type LinksOption,
  type ServerOptions,
} from './client/connect.js'
export type { EvictOptions, LeaveOptions, OrderedNode, ReadmittedNode } from './client/node-orders.js'
export { type LeaveOrder, orderLeave } from './client/order-leave.js'
export type { JobSpec, PlacingOptions, StepSpec } from './job/job-spec.js'
export { nodeFlags } from './node/node-flags.js'
export type { KeepingOptions } from './node/node-keeping.js'
export type { LoadOptions, RateLimit } from './node/node-load.js'
export type { RunningNode } from './node/running-node.js'
export { startNode } from './node/start-node.js'
export type { NodeOptions, StartOptions } from './node/start-options.js'
export type { ActorStates } from './transitions/actor-states.js'
export type {
  ActorKind,
  EventOf,
  StateOf,
  TransitionFilter,
  TransitionOf,
} from './transitions/typed-transition.js'
export {
  type AnyWorkflow,
  type Attempt,
  defineWorkflow,
  type GivenOf,
  type OutputOf,
  type Workflow,
  type WorkflowOptions,
} from './workflow/define-workflow.js'
export type { Duration } from './workflow/duration.js'
export { exportedWorkflows } from './workflow/exported-workflows.js'
export { hostWorkflow } from './workflow/host-workflow.js'
export type { Isolation, IsolationOptions } from './workflow/isolation-options.js'
export type { ConcurrencyOptions, PolicyOptions, RetryOptions } from './workflow/policy-options.js'
