import type { EndKind, Role } from '@covey/protocol'

/** What one observer keeps of another node from the start. */
export interface PeerInput {
  readonly nodeId: string
  /** Whether this observer may write that a member has departed. */
  readonly isManager: boolean
  readonly probeIntervalMs: number
  /** A generation that has joined and is not active after this will never be: it is asked whether it lives. */
  readonly joinPatienceMs: number
  /** A peer that only rumours speak of is forgotten after this (S-A3). */
  readonly unverifiedKeptMs: number
  /** A departed peer is forgotten after this (O20). */
  readonly departedKeptMs: number
}

/** What a generation says of itself when it joins. */
export interface PeerRecord {
  readonly generation: number
  readonly bootId: string
  readonly roles: readonly Role[]
  readonly slots: number
  readonly host: string
  readonly pid: number
  readonly since: string
  readonly labels: readonly string[]
}

/** What one observer keeps of another node beside its state. */
export interface PeerContext extends PeerInput, PeerRecord {
  /** What a suspicion that is withdrawn leads back to. */
  readonly phase: 'joining' | 'reentering' | 'active' | 'leaving'
  readonly incarnation: number
  /** When this generation last gave a sign of life that was an event. */
  readonly heardAtMs: number
  /** When our own probes began to fail; null while they do not. */
  readonly silentSinceMs: number | null
  /** The broker says that nobody listens there under this generation: it has no connection, or is gone (K44). */
  readonly offline: boolean
  /** It answers beside an event loop that does not turn: alive, and no work for it (K28). */
  readonly busy: boolean
  /** Other observers who suspect it now. */
  readonly votes: number
  readonly suspectedAtMs: number
  /** The members of the cluster, when that was last told. */
  readonly members: number
  /** The time now, as far as events told it, and when a departure is proposed next. */
  readonly nowMs: number
  readonly proposeAtMs: number
  readonly proposals: number
}

/** Everything that can happen to a peer. Times are of the observer's own monotonic clock. */
export type PeerEvent =
  /** Somebody spoke of a node that no fact has named yet. */
  | { readonly type: 'rumour.heard' }
  | { readonly type: 'joined.heard'; readonly record: PeerRecord; readonly atMs: number }
  | { readonly type: 'active.heard'; readonly generation: number; readonly atMs: number }
  /** By its fact or by its goodbye. */
  | { readonly type: 'leaving.heard'; readonly generation: number }
  | {
      readonly type: 'departed.heard'
      readonly generation: number
      readonly how: EndKind
      readonly dirty: boolean
    }
  | {
      readonly type: 'probe.answered'
      readonly generation: number
      readonly atMs: number
      /** How long its event loop has not turned. */
      readonly lagMs: number
    }
  | {
      readonly type: 'probe.failed'
      readonly generation: number
      readonly atMs: number
      readonly members: number
      /** The broker says that nobody listens there, and the own link is settled. */
      readonly offline: boolean
    }
  /** Its silence says nothing: the own link to the broker was lost meanwhile, and is found again (K14). */
  | { readonly type: 'silence.voided'; readonly generation: number }
  /** How many other observers suspect this generation now. */
  | {
      readonly type: 'votes.counted'
      readonly generation: number
      readonly votes: number
      readonly atMs: number
      readonly members: number
    }
  /** It says of itself that it lives. */
  | {
      readonly type: 'alive.heard'
      readonly generation: number
      readonly incarnation: number
      readonly atMs: number
    }
