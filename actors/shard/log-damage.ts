import { CoveyError, limits } from '@covey/protocol'
import type { Environment } from '../environment.js'

/** The log of a shard lacks entries: what it says can be computed no more (K2). */
const damaged = ({ subjects }: Environment, shard: number, how: string): CoveyError =>
  new CoveyError('log_damaged', `the log of shard ${shard} ${how}: this manager folds and leads it no more`, {
    address: subjects.logStream(shard),
    mend:
      'a manager that still leads knows the whole shard, so let its jobs end first; ' +
      'then restore the store of the broker, or begin with an empty one',
  })

/**
 * Finds out that entries of a shard's log are missing: by a jump, at once, or by a log that ends elsewhere than the fold
 * although nothing can be read behind the fold. A single answer of that kind may be old, so it has to last. A log that
 * ends earlier is no damage: its last entries were lost, and it goes on without them (K11).
 */
export class LogDamage {
  readonly #env: Environment
  readonly #shard: number
  #doubtedSinceMs: number | undefined

  constructor(env: Environment, shard: number) {
    this.#env = env
    this.#shard = shard
  }

  /** The fold begins anew, and with it all doubt. */
  #shortened(): 'shortened' {
    this.trust()
    return 'shortened'
  }

  /** Who refuses is the server that leads the stream, which lags for as long as an election takes, if at all. */
  get #shortenedMs(): number {
    return 2 * this.#env.timings.leaderTimeoutMs
  }

  /** Entry `next` follows entry `last`: what lay between has been purged or deleted. */
  jumped(last: number, next: number): CoveyError {
    return damaged(this.#env, this.#shard, `jumps from entry ${last} to ${next}`)
  }

  /** An entry could be read where the fold ends, or the log ends there. */
  trust(): void {
    this.#doubtedSinceMs = undefined
  }

  /** An append behind entry `last` was refused, nothing can be read there, and the log says that it ends at `tail`. */
  doubt(last: number, tail: number): CoveyError | 'shortened' | undefined {
    if (tail === last) {
      this.trust()
      return undefined
    }
    const nowMs = this.#env.clock.now()
    this.#doubtedSinceMs ??= nowMs
    const doubtedMs = nowMs - this.#doubtedSinceMs
    if (tail < last) return doubtedMs < this.#shortenedMs ? undefined : this.#shortened()
    if (doubtedMs < limits.logDoubtMsMax) return undefined
    return damaged(this.#env, this.#shard, `has nothing between entry ${last} and its end at ${tail}`)
  }
}
