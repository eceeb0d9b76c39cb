import { limits, type ProbeAnswer } from '@covey/protocol'
import type { Stop } from './bus.js'

/** What a process says of itself when it is asked whether it lives; how long its loop has not turned is added. */
export type Vouched = Pick<ProbeAnswer, 'generation' | 'state' | 'health'>

/** How that which answers beside the event loop does. Unless it beats, only the loop answers. */
export type PulseState = 'resting' | 'starting' | 'beating' | 'broken' | 'closed'

/** What a pulse tells of. */
export type PulseNews =
  /** The loop turns again after so long, by the larger of both clocks (K29). Told before what came meanwhile is handled. */
  | { readonly kind: 'woken'; readonly lateMs: number }
  /** What answers beside the loop has failed, and begins again by itself. */
  | { readonly kind: 'broken'; readonly error: unknown }

/**
 * How long a loop may stand still from a turn on, by what the lease of its work has left, before its process is ended: until
 * the grace after the lease is over. Where that is over too, and the loop has turned, code goes on in it that heeds no stop: what
 * could end that is past, and it has a grace of its own.
 */
export const standsStillMsMax = (leaseLeftMs: number): number =>
  limits.fenceGraceMs + (leaseLeftMs > -limits.fenceGraceMs ? leaseLeftMs : 0)

/** What stands beside the loop for the leases of work in it. */
export interface LeaseGuard {
  /** A lease has begun or was renewed: it counts before the loop turns again. */
  moved(): void
  stop(): void
}

/**
 * The sign of life of one process, given beside its event loop: a process that is busy is seen to be busy and not dead,
 * one that is frozen or gone gives none (K28). The loop answers every question as well, and whoever asks takes what comes
 * first; so nothing depends on the pulse but that a blocked loop is vouched for.
 */
export interface Pulse {
  readonly state: PulseState
  /**
   * Answers plain questions on the subject (`probeMessage` that asks for nothing more), with what `answer` said when the
   * loop last turned. Resolves when the broker has the subscription, or it is plain that it will not have it soon (K31);
   * never rejects. One generation is open at a time.
   */
  open(subject: string, answer: () => Vouched): Promise<void>
  /** Says nothing under the open generation from this moment on, and gives its subscription back. */
  close(): void
  /**
   * Work that may not outlive its lease runs in this process: `leasesLeftMs` says at each turn how long each lease still
   * holds, negative while work is being stopped whose lease is over for so long; empty while there is none. Where one ends
   * while such work runs and the loop does not turn until `fenceGraceMs` later, the process is ended (K28). Only an adapter
   * with a process of its own can.
   */
  guard(leasesLeftMs: () => readonly number[]): LeaseGuard
  /** How much of that work runs now. */
  holds(pieces: number): void
  /** The longest that the loop was late since this was last asked. */
  takeLagMs(): number
  onNews(listener: (news: PulseNews) => void): Stop
}
