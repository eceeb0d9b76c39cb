import type { Environment } from '../environment.js'
import type { Target } from './probe.js'
import { keyOf } from './vote-ledger.js'

/** For how many probe periods a vain ask is remembered. */
const keptPeriods = 2

/** Whom this node has asked in vain for another member, lately: once, which is too little for a suspicion of its own. */
export class VainAsks {
  readonly #env: Environment
  readonly #untilMs = new Map<string, number>()

  constructor(env: Environment) {
    this.#env = env
  }

  note(target: Target): void {
    const nowMs = this.#env.clock.now()
    for (const [key, untilMs] of this.#untilMs) if (untilMs <= nowMs) this.#untilMs.delete(key)
    this.#untilMs.set(keyOf(target), nowMs + keptPeriods * this.#env.timings.probeIntervalMs)
  }

  /** Whether it was asked in vain lately; it is then forgotten. */
  take(target: Target): boolean {
    const key = keyOf(target)
    const untilMs = this.#untilMs.get(key)
    this.#untilMs.delete(key)
    return untilMs !== undefined && untilMs > this.#env.clock.now()
  }
}
