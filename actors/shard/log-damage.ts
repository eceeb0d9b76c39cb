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
 * although nothing can be read behind the fold. A single answer of that kind may be old, so it has to last.
 */
export class LogDamage {
  readonly #env: Environment
  readonly #shard: number
  #doubtedSinceMs: number | undefined

  constructor(env: Environment, shard: number) {
    this.#env = env
    this.#shard = shard
  }

  /** Entry `next` follows entry `last`: what lay between has been purged or deleted. */
  jumped(last: number, next: number): CoveyError {
    return damaged(this.#env, this.#shard, `jumps from entry ${last} to ${next}`)
  }

  /** An entry could be read where the fold ends, or the log ends there. */
  trust(): void {
    this.#doubtedSinceMs = undefined
  }

  /** Nothing can be read behind entry `last`, and the log says that it ends at `tail`. */
  doubt(last: number, tail: number): CoveyError | undefined {
    if (tail === last) {
      this.trust()
      return undefined
    }
    const nowMs = this.#env.clock.now()
    this.#doubtedSinceMs ??= nowMs
    if (nowMs - this.#doubtedSinceMs < limits.logDoubtMsMax) return undefined
    const how = tail > last ? `has nothing between entry ${last} and` : `was folded to entry ${last} and has`
    return damaged(this.#env, this.#shard, `${how} its end at ${tail}`)
  }
}
