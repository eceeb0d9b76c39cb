import type { CoveyError } from '@covey/protocol'

/** What makes a body of bytes, and checks it: a codec of `@covey/protocol`. Throws where they are none. */
export interface FrameReader<Body> {
  decode(bytes: Uint8Array): Body
}

/** Bytes as they arrive. `data` may be kept: it is not reused. */
export interface Payload {
  readonly data: Uint8Array
  /**
   * What `reader.decode(data)` gives or throws. An adapter that hands the same bytes to many may have it, so that they are
   * decoded once for all; what is shared is frozen.
   */
  readonly read?: <Body>(reader: FrameReader<Body>) => Body
}

/** What arrived on a subject. */
export interface Frame extends Payload {
  readonly subject: string
}

/** A message as it arrives. */
export interface BusMessage extends Frame {
  /** Where an answer goes; absent when none is awaited. */
  readonly reply?: string
}

/** The answer to a request. */
export interface Reply extends Payload {
  readonly kind: 'reply'
}

/** How a request ended. Each is a distinct case for the caller, so none is thrown. */
export type RequestOutcome =
  | Reply
  /** Nobody subscribes to the subject now: says nothing about an earlier send (K14). */
  | { readonly kind: 'noResponders' }
  | { readonly kind: 'timeout' }
  /** The link went down while the answer was awaited: it may or may not have been handled. */
  | { readonly kind: 'disconnected' }
  /** Too many requests are in flight (`limits.requestsInFlightMax`); nothing was sent. */
  | { readonly kind: 'overloaded' }

/** The state of the link to the broker. */
export type LinkState = 'up' | 'down' | 'closed'

/** News of the link: every change, and refusals of the broker (a subject that is not permitted). */
export type LinkNews =
  | { readonly kind: 'state'; readonly state: LinkState }
  | { readonly kind: 'denied'; readonly subject: string }
  /** Somebody answers a redial, and refuses it; so is the next one, as long as nothing changes. */
  | { readonly kind: 'refused'; readonly error: CoveyError }
  /** A subscription's callback threw; the bus went on (a throw would kill the client's reader). */
  | { readonly kind: 'callbackFailed'; readonly subject: string; readonly error: unknown }

/** Ends a subscription, a watch or a listener; calling it twice is harmless. */
export type Stop = () => void

/**
 * Messages between processes: at most once, in order per publisher, lost without a word while the link is down.
 * Only acknowledged appends and end-to-end acknowledgements count.
 */
export interface Bus {
  readonly state: LinkState
  /** When the link last changed its state, by the clock the bus was made with. */
  readonly stateSinceMs: number
  /**
   * Sends the bytes as they are now (K51); `false` when the link is down and nothing was sent. Throws `too_large` over
   * `limits.payloadBytesMax`.
   */
  publish(subject: string, data: Uint8Array, reply?: string): boolean
  /** Calls back for every message, never inside `publish`. A throwing callback is reported, not fatal. */
  subscribe(subject: string, callback: (message: BusMessage) => void): Stop
  /** Sends and awaits one answer for at most `deadlineMs`. */
  request(subject: string, data: Uint8Array, deadlineMs: number): Promise<RequestOutcome>
  /** A subject below which only this process is heard; for pushes. */
  inbox(): string
  /** Resolves when the broker has processed all that was sent before: subscriptions are in force. Rejects `unreachable`. */
  flush(): Promise<void>
  onNews(listener: (news: LinkNews) => void): Stop
  /** Handles what has arrived, then closes for good. */
  drain(): Promise<void>
}
