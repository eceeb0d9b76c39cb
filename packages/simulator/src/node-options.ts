import type { Environment, Members, NodePart, Sessions } from '@covey/actors'
import type { Role, Timings } from '@covey/protocol'

/** What a test says about one of its nodes; everything has a default. */
export interface NodeOptions {
  readonly roles?: readonly Role[]
  readonly slots?: number
  readonly labels?: readonly string[]
  /** Two nodes may have the same ones. */
  readonly host?: string
  readonly pid?: number
  readonly version?: string
  readonly replace?: boolean
  readonly manager?: boolean
  readonly otherSettings?: boolean
  /** What its clock shows when it starts; default: the time of the world. */
  readonly clockOriginMs?: number
  readonly timings?: Partial<Timings>
  /** Whether it keeps its transitions and what it was told of members, for whoever looks at them later. Default: it does. */
  readonly keepsHistory?: boolean
  /** The parts of the node, made from its environment; members and sessions are there once it has started. */
  readonly parts?: (env: Environment, members: () => Members, sessions: () => Sessions) => readonly NodePart[]
}
