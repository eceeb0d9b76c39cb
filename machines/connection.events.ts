/** What a session with one peer, or with the broker, is opened with. */
export interface ConnectionInput {
  readonly nodeId: string
  readonly peer: string
  /** The generation of the peer that the session is with; 0 for the broker. */
  readonly generation: number
  /** Drawn once: the sessions that this side opens are named `<seed>.<n>`. */
  readonly seed: string
  /** A number from 0 to 1, drawn once: from it come all waits. */
  readonly chance: number
  readonly dialTimeoutMs: number
  readonly drainTimeoutMs: number
  readonly redialMinMs: number
  readonly redialMaxMs: number
}

/** Why a peer refuses a session. */
export type RefusalReason = 'duplicate' | 'leaving' | 'incompatible' | 'not_a_member' | 'unready'

/** What a connection keeps beside its state. */
export interface ConnectionContext extends ConnectionInput {
  /** The session that is open or being opened; empty while there is none. */
  readonly session: string
  /** This side has opened it. */
  readonly isOwn: boolean
  /** The newest session of the other side that this one has agreed to; empty before the first. */
  readonly heard: string
  readonly dials: number
  /** Dials in a row that led to nothing. */
  readonly failures: number
  /** From hello to welcome, where this side has said hello. */
  readonly roundTripMs: number | null
  /** Why the last dial or session ended; empty before the first that did. */
  readonly lastError: string
  readonly reason: string
}

/** Everything that can happen to a connection. */
export type ConnectionEvent =
  /** Its turn among the dials of this node has come. */
  | { readonly type: 'connection.dial' }
  /** Nobody needs it now: it gives its turn away. */
  | { readonly type: 'connection.rest' }
  | { readonly type: 'link.confirmed' }
  | { readonly type: 'link.lost' }
  | { readonly type: 'link.found' }
  | { readonly type: 'session.welcomed'; readonly session: string; readonly roundTripMs: number }
  | {
      readonly type: 'session.refused'
      readonly session: string
      readonly reason: RefusalReason
      readonly detail: string
    }
  | { readonly type: 'session.unanswered'; readonly session: string }
  /** The peer has said hello; `reply` is where the answer goes. */
  | { readonly type: 'session.offered'; readonly session: string; readonly reply: string }
  | { readonly type: 'connection.drain' }
  | { readonly type: 'connection.close' }
