import type { ActorSystem } from '@covey/engine'
import type { CoveyError, Subjects, Timings } from '@covey/protocol'
import type { Clock, Links, Random } from '@covey/transport'
import type { Tracing } from './tracing.js'

/** What happened that no machine's transition shows: one line for the log, one count for the metrics. */
export type Notice =
  /** A frame from outside was refused at the door; it was counted and dropped, never thrown. */
  | { readonly kind: 'frame.refused'; readonly subject: string; readonly error: unknown }
  /** A write or read of a store did not succeed yet; it is being repeated. */
  | { readonly kind: 'store.waiting'; readonly what: string; readonly reason: string }
  /** Entries of a shard's log are missing: this manager can compute it no more, and takes no part in it (K2). */
  | { readonly kind: 'log.damaged'; readonly shard: number; readonly error: CoveyError }
  /** The log of a shard ends earlier than this manager has seen it: its fold begins anew, and so does the log's stream epoch (K11). */
  | { readonly kind: 'log.restored'; readonly shard: number; readonly error: CoveyError }
  /** Another version has led the shard and folds its log otherwise: this manager follows it and never leads it (K38). */
  | { readonly kind: 'log.foreign'; readonly shard: number; readonly error: CoveyError }
  /** The broker does not allow this process the subject: nothing it says or wants to hear there gets through. */
  | { readonly kind: 'subject.denied'; readonly subject: string }
  /** The broker is there and does not take this process back: it redials until it does. Told once for each reason. */
  | {
      readonly kind: 'broker.refused'
      readonly address: string | undefined
      readonly reason: string
      readonly mend: string | undefined
    }
  /** A session with a peer is impossible as the two nodes are: which of their terms differ, and what to do. */
  | { readonly kind: 'session.refused'; readonly peer: string; readonly reason: string }
  /** Most of those who take part have other settings than this node, or do not reach it: it does not join therefore (S3). */
  | { readonly kind: 'join.refused'; readonly reason: string }
  /** No manager has prepared this cluster: the node waits for one before it joins, for so many milliseconds more. */
  | {
      readonly kind: 'manager.awaited'
      readonly reason: string
      readonly mend: string
      readonly leftMs: number
    }
  /** Code that was told to stop has not returned in time: its slot stays taken until it does. */
  | { readonly kind: 'attempt.overdue'; readonly workflow: string; readonly token: string }
  /** What vouches for this process while it is busy has failed, and begins again; until then a busy node looks dead (K28). */
  | { readonly kind: 'pulse.broken'; readonly error: unknown }
  /** The broker will not tell others when this node is gone: they find out by their probes, until it will (ADR 40). */
  | { readonly kind: 'presence.vain'; readonly reason: string; readonly isGivenUp: boolean }
  /** Something that must not happen did; the text says what, the part concerned goes on or ends by its chart. */
  | { readonly kind: 'defect'; readonly what: string; readonly error?: unknown }

/** Everything outside the machines that the actors of one node are bound to. */
export interface Environment {
  readonly system: ActorSystem
  readonly links: Links
  readonly subjects: Subjects
  readonly clock: Clock
  readonly random: Random
  readonly timings: Timings
  readonly notice: (notice: Notice) => void
  /** Default: nobody traces. */
  readonly tracing?: Tracing
}

/** One run of this process under its name, once its join fact is won. */
export interface Self {
  readonly nodeId: string
  readonly generation: number
  readonly bootId: string
}

/** A part of a node (manager, worker, watch) that lives as long as one generation of it. */
export interface NodePart {
  /** Subscribes the part's subjects: before the fact `active`, so that nobody asks in vain (K31). */
  open(self: Self): void
  /** The generation is active: work may begin. */
  activate(): void
  /** Takes no more work, finishes or hands back what runs; `clean` is false when work still ran at the deadline (K30). */
  drain(deadlineMs: number): Promise<{ readonly clean: boolean }>
  /** The generation may no longer act: aborts its exclusive work at once and stops speaking under it. */
  fence(): void
  /** Leaves no subscription, timer or actor behind. */
  close(): void
}
