import type { MemberState, NodeState, Notice, ShardReading, WorkerView } from '@covey/actors'
import type { ConnectionReport, Role } from '@covey/protocol'

/** One of the two connections of a node to its broker. */
export interface ConnectionReading {
  readonly connection: 'control' | 'data'
  readonly isUp: boolean
  /** How often it came up again after it was down. */
  readonly reconnects: number
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
  readonly actors: number
  readonly deadLetters: number
  /** What was noticed, by kind; one that has not come is missing. */
  readonly notices: Readonly<Partial<Record<Notice['kind'], number>>>
  /** Frames that were refused at the door, by what they claimed to be. */
  readonly refusedFrames: Readonly<Record<string, number>>
  /** Missing where the node is no worker. */
  readonly worker?: WorkerView
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
