import { equalJitterMs } from '@covey/machines'
import type { Fact, ReadOutcome } from '@covey/transport'
import type { Environment } from '../environment.js'
import { pause } from './pause.js'

/** How a create that is repeated ended; `abandoned` when nobody wants it any more. */
export type PatientCreate = 'created' | 'exists' | 'full' | 'abandoned'

/** Writes and reads of facts that are repeated until the store answers, or until their signal aborts. */
export class PatientFacts {
  readonly #env: Environment

  constructor(env: Environment) {
    this.#env = env
  }

  /** The identical create may be repeated, for only one can win: `exists` may be the own earlier try. */
  create(subject: string, data: Uint8Array, signal: AbortSignal): Promise<PatientCreate> {
    return this.#repeat(subject, signal, 'abandoned', async () => {
      const outcome = await this.#env.links.facts.create(subject, data)
      return outcome.kind === 'unavailable' ? { waiting: outcome.reason } : { value: outcome.kind }
    })
  }

  /**
   * All facts that match, oldest first; none when abandoned. A list without the fact `including`, which is known to
   * exist, is the word of a store that lags, and is asked for again (K12).
   */
  list(pattern: string, signal: AbortSignal, including?: string): Promise<readonly Fact[]> {
    return this.#repeat<readonly Fact[]>(pattern, signal, [], async () => {
      const facts = await this.#env.links.facts.list(pattern)
      const isNew = including === undefined || facts.some(({ subject }) => subject === including)
      return isNew ? { value: facts } : { waiting: 'the store lags' }
    })
  }

  /** A fact, where there is one. */
  find(subject: string, signal: AbortSignal): Promise<Fact | 'absent' | 'abandoned'> {
    return this.#repeat<Fact | 'absent' | 'abandoned'>(subject, signal, 'abandoned', async () => {
      const outcome: ReadOutcome = await this.#env.links.facts.read(subject)
      if (outcome.kind === 'found') return { value: outcome.fact }
      return outcome.kind === 'absent' ? { value: outcome.kind } : { waiting: outcome.reason }
    })
  }

  /** A fact that is known to exist; `undefined` when abandoned. */
  readExisting(subject: string, signal: AbortSignal): Promise<Fact | undefined> {
    return this.#repeat<Fact | undefined>(subject, signal, undefined, async () => {
      const outcome: ReadOutcome = await this.#env.links.facts.read(subject)
      if (outcome.kind === 'found') return { value: outcome.fact }
      return { waiting: outcome.kind === 'absent' ? 'the store lags' : outcome.reason }
    })
  }

  async #repeat<Value>(
    what: string,
    signal: AbortSignal,
    abandoned: Value,
    attempt: () => Promise<{ readonly value: Value } | { readonly waiting: string }>,
  ): Promise<Value> {
    const { clock, random, timings, notice } = this.#env
    const bounds = { minMs: timings.redialMinMs, maxMs: timings.redialMaxMs }
    for (let attempts = 0; !signal.aborted; attempts += 1) {
      const answer = await attempt().catch((error: unknown) => ({ waiting: String(error) }))
      if ('value' in answer) return answer.value
      if (signal.aborted) break
      if (attempts === 0) notice({ kind: 'store.waiting', what, reason: answer.waiting })
      // Half of the wait is certain: a store that refuses at once must not be asked in a tight loop.
      await pause(clock, equalJitterMs(attempts, random.next(), bounds), signal)
    }
    return abandoned
  }
}
