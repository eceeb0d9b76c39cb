import { leaderActsShare } from '@covey/protocol'
import type { Environment } from '../environment.js'

/**
 * How much of the time in which a leader may act passes before its chart is told of a newer acknowledgement. Told late,
 * the chart stops earlier than it must, never later; told of every batch, it would make a step for each.
 */
const acknowledgedShare = 0.02

/** Tells the chart of a leader for how long it may still act, by the appends that are acknowledged (K6). */
export class Acknowledged {
  readonly #env: Pick<Environment, 'clock' | 'timings'>
  readonly #tell: (remainingMs: number) => void
  /** When the newest append was sent whose acknowledgement the chart knows of. */
  #knownSentAtMs = Number.NEGATIVE_INFINITY

  constructor(env: Pick<Environment, 'clock' | 'timings'>, tell: (remainingMs: number) => void) {
    this.#env = env
    this.#tell = tell
  }

  note(sentAtMs: number): void {
    const { clock, timings } = this.#env
    const actsForMs = timings.leaderTimeoutMs * leaderActsShare
    if (sentAtMs - this.#knownSentAtMs < actsForMs * acknowledgedShare) return
    this.#knownSentAtMs = sentAtMs
    this.#tell(Math.max(0, actsForMs - (clock.now() - sentAtMs)))
  }
}
