import { lookAtSilence, type WorkerSilence } from '@covey/machines'
import type { Environment } from '../environment.js'
import type { Member, Members } from '../membership/members.js'

/** What a leader listens with: one per term. */
export interface HearingOptions {
  readonly env: Pick<Environment, 'clock' | 'timings'>
  readonly members: Pick<Members, 'all'>
  /** So long may nobody renew. */
  readonly patienceMs: number
  /** A renewal has come: once a term. */
  readonly onHeard: () => void
  /** Nobody has renewed for `patienceMs`; told at each look until somebody does. */
  readonly onSilence: () => void
}

/**
 * Whether a worker takes part and could renew: suspicion is no fact, and of one whose loop does not turn it is known why it
 * is silent (K28).
 */
const couldRenew = ({ roles, state, busy }: Member): boolean =>
  roles.includes('worker') && (state === 'suspect' || (state === 'active' && busy !== true))

/** Finds out that a leader hears none of its workers: it can append, and what is said to it does not arrive (K41). */
export class Hearing {
  readonly #options: HearingOptions
  #silence: WorkerSilence
  #hasHeard = false

  /** The time counts from the beginning of the term. */
  constructor(options: HearingOptions) {
    this.#options = options
    this.#silence = this.#anew()
  }

  /** A renewal has arrived. Whose it is does not matter: the way is open. */
  note(): void {
    this.#silence = { ...this.#silence, dueMs: this.#anew().dueMs }
    if (this.#hasHeard) return
    this.#hasHeard = true
    this.#options.onHeard()
  }

  /** To be called each `renewalIntervalMs`. Where no worker takes part, nobody's silence says anything. */
  look(): void {
    const { env, members, onSilence } = this.#options
    const nowMs = env.clock.now()
    const isAwaited = members.all().some(couldRenew)
    this.#silence = isAwaited
      ? lookAtSilence(this.#silence, nowMs, env.timings.renewalIntervalMs)
      : this.#anew()
    if (nowMs >= this.#silence.dueMs) onSilence()
  }

  #anew(): WorkerSilence {
    const lookedAtMs = this.#options.env.clock.now()
    return { lookedAtMs, dueMs: lookedAtMs + this.#options.patienceMs }
  }
}
