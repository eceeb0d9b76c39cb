import { limits } from '@covey/protocol'
import type { Environment } from '../environment.js'
import type { FactNews } from './fact-watch.js'
import { OldFacts } from './old-facts.js'

/**
 * Removes what facts say of generations that are over, so that a node that is started again and again fills no store.
 * Every manager does it of what it sees: to purge a fact twice is harmless, and nobody has to be chosen. A fact waits
 * for a whole interval first, so that who lags still hears how a generation ended, and is spared its lease.
 */
export class FactPurge {
  readonly #env: Environment
  readonly #isWanted: () => boolean
  readonly #old: OldFacts
  #timer: unknown
  #isClosed = false

  /** `isWanted` says whether this node takes part: else it leaves the facts to others. */
  constructor(env: Environment, isWanted: () => boolean) {
    this.#env = env
    this.#isWanted = isWanted
    this.#old = new OldFacts(env.subjects)
  }

  note(news: FactNews): void {
    this.#old.note(news)
  }

  start(): void {
    const { clock, random } = this.#env
    // Managers that were started together need not ask for the same together.
    const delayMs = limits.factPurgeIntervalMs * (1 + random.next() / 2)
    this.#timer = clock.setTimeout(() => {
      this.#sweep().then(
        () => this.#isClosed || this.start(),
        (error: unknown) => this.#env.notice({ kind: 'defect', what: 'the purge of old facts', error }),
      )
    }, delayMs)
  }

  close(): void {
    this.#isClosed = true
    this.#env.clock.clearTimeout(this.#timer)
  }

  /** Purges one fact after the other, so that a long past burdens nobody; what is left waits for the next time. */
  async #sweep(): Promise<void> {
    if (!this.#isWanted()) return
    const { links, notice } = this.#env
    for (const subject of this.#old.ripe().slice(0, limits.factPurgesAtOnceMax)) {
      if (this.#isClosed) return
      try {
        await links.facts.purge(subject)
      } catch (error) {
        notice({ kind: 'store.waiting', what: 'the purge of old facts', reason: String(error) })
        return
      }
      this.#old.gone(subject)
    }
  }
}
