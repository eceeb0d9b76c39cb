import type {
  Buckets,
  ManagerPart,
  MemberState,
  NodeState,
  Notice,
  ShardReading,
  WorkerView,
} from '@covey/actors'
import type { ConnectionReport, EndKind, Role } from '@covey/protocol'

/** One of the two connections of a node to its broker. */
export interface ConnectionReading {
  readonly connection: 'control' | 'data'
  readonly isUp: boolean
  /** How often it came up again after it was down. */
  readonly reconnects: number
}

/** What a node has said of the others, and done about them, since it is measured. */
export interface MembershipCounts {
  /** How often a member became suspect in its view, and how often one was not any more without having ended. */
  readonly suspicions: number
  readonly suspicionsEnded: number
  /** How often it has contradicted those who suspected it. */
  readonly refutations: number
  /** Statements of whom it suspects. */
  readonly votes: number
  /** Generations that have ended in its view. */
  readonly departures: Readonly<Record<EndKind, number>>
  /** Milliseconds from a question to a member, to the answer. */
  readonly probeMs: Buckets
  readonly probesUnanswered: number
  /** Subjects and bodies of all that it says and hears of membership. */
  readonly sentBytes: number
  readonly receivedBytes: number
  readonly dials: number
  /** Dials without an answer: the next one waits longer. */
  readonly backoffs: number
}

/** What a node knows of itself at one moment: all of it is there anyway, and looked at when somebody asks. */
export interface NodeReading {
  readonly state: NodeState
  /** Whether a generation of this run has ever taken part. */
  readonly wasActive: boolean
  /** 0 before the first. */
  readonly generation: number
  readonly connections: readonly ConnectionReading[]
  /** How many nodes this one sees in each state, itself included. */
  readonly members: Readonly<Record<MemberState, number>>
  /** Those of them whose event loop does not turn. */
  readonly busyMembers: number
  /** From 0, well, to 7: how much longer than usual it waits before it calls another silent. */
  readonly localHealth: number
  readonly membership: MembershipCounts
  readonly actors: number
  readonly deadLetters: number
  /** What was noticed, by kind; one that has not come is missing. */
  readonly notices: Readonly<Partial<Record<Notice['kind'], number>>>
  /** Frames that were refused at the door, by what they claimed to be. */
  readonly refusedFrames: Readonly<Record<string, number>>
  /** Missing where the node is no worker. */
  readonly worker?: WorkerView
  /** How loaded it is; missing where the node is no manager. */
  readonly level?: ReturnType<ManagerPart['level']>
  /** Missing where the node is no manager. */
  readonly breakers?: ReturnType<ManagerPart['breakers']>
  /** Empty where the node is no manager. */
  readonly shards: readonly ShardReading[]
}

/** A node that can be measured. */
export interface MeasuredNode {
  readonly name: string
  readonly cluster: string
  readonly version: string
  readonly roles: readonly Role[]
  read(): NodeReading
  /** Its links to the broker and its sessions with peers, as they are. */
  connections(): ConnectionReport
}
