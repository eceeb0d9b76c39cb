import type { EndKind, Role } from '@covey/protocol'
import type { Stop } from '@covey/transport'

/** The states of another node as this one sees it (`peer.machine.ts`), or of this node itself. */
export type MemberState =
  | 'unverified'
  | 'joining'
  | 'active'
  | 'suspect'
  | 'leaving'
  | 'departed'
  | 'reentering'
  | 'forgotten'
  | 'fenced'

/** One node as this node sees it; this node itself is among them. */
export interface Member {
  readonly nodeId: string
  readonly generation: number
  readonly state: MemberState
  readonly roles: readonly Role[]
  readonly slots: number
  readonly host: string
  readonly pid: number
  /** Wall-clock text of the node's own start, for people only. */
  readonly since: string
  /** What a worker offers to those who require it: `gpu`, `region=eu`. */
  readonly labels: readonly string[]
  /** It lives, and its event loop does not turn: it gets no new work (K28). */
  readonly busy?: true
  /** It is suspect, and the broker says that nobody listens there: it is not connected, or gone (K44). */
  readonly offline?: true
  /** Addresses that it says it can be found by, where its facts have been read for them: `tcp://10.0.0.3:7001`. */
  readonly addresses?: readonly string[]
}

/** How one generation ended, as the facts say. */
export interface Ending {
  readonly nodeId: string
  readonly generation: number
  readonly how: EndKind
  /** Work still ran: the lease is waited for even after `left` (K30). */
  readonly dirty: boolean
}

/** News of members; `ended` comes exactly once per generation, before news of a newer one (P8, invariant 15). */
export type MemberNews =
  | { readonly kind: 'changed'; readonly member: Member }
  | { readonly kind: 'ended'; readonly ending: Ending }

/** The view of the cluster that the other parts of a node read. */
export interface Members {
  all(): readonly Member[]
  find(nodeId: string): Member | undefined
  /**
   * How a generation ended: from its departed fact; `superseded` when a newer generation has joined and no such fact
   * exists; `undefined` while it may live.
   */
  endOf(nodeId: string, generation: number): Ending | undefined
  /** Whether all facts that existed at the start have been read: before, absence means nothing. */
  readonly caughtUp: boolean
  onNews(listener: (news: MemberNews) => void): Stop
  /** Asks another node at once whether it lives, without waiting for its turn; what comes of it is news. */
  ask(nodeId: string): void
}
