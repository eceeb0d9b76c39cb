import { ChurnMap } from '@covey/engine'
import { type BucketTerms, fullBucket, judgeRate, type KnownClient, strangerTerms } from '@covey/machines'
import { limits } from '@covey/protocol'

/**
 * How often each client does one thing: a table of those who did it last, of a bounded length, so that it needs no clean-up
 * that could race it (S-D1). Who falls out of it begins as a stranger when it comes again.
 */
export class ClientRates {
  readonly terms: BucketTerms
  /** In the order in which they came last, the longest ago first. */
  readonly #clients = new ChurnMap<string, KnownClient>()
  #strangers

  constructor(terms: BucketTerms, nowMs: number) {
    this.terms = terms
    this.#strangers = fullBucket(strangerTerms(terms), nowMs)
  }

  /** Clients that it knows. */
  get size(): number {
    return this.#clients.size
  }

  /** Lets a client do it once. Answers 0 where it may, else the milliseconds after which it may. */
  take(client: string, nowMs: number): number {
    const { known, strangers, waitMs } = judgeRate(
      this.#clients.get(client),
      this.#strangers,
      this.terms,
      nowMs,
    )
    this.#strangers = strangers
    this.#clients.delete(client)
    this.#clients.set(client, known)
    if (this.#clients.size > limits.rateClientsMax) this.#forgetOldest()
    return waitMs
  }

  #forgetOldest(): void {
    for (const client of this.#clients.keys()) {
      this.#clients.delete(client)
      return
    }
  }
}
