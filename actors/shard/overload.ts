import { fast } from '@covey/engine'
import { type LoadLevel, type LoadThresholds, loadLevels, overloadMachine } from '@covey/machines'
import { limits } from '@covey/protocol'
import type { Environment } from '../environment.js'
import { Ticks } from './ticks.js'

/** Shares of what a manager can hold; 1 is all of it. */
export interface LoadShares {
  /** Events that wait for the append in flight. */
  readonly queue: number
  /** The stream of the log. */
  readonly log: number
  /** Workflows that the shard holds. */
  readonly workflows: number
}

/** What the overload detector of a manager is made with. */
export interface OverloadOptions {
  readonly env: Environment
  readonly thresholds: LoadThresholds
  /** The fullest of the shards that this manager leads. */
  readonly shares: () => LoadShares
}

const address = 'overload'

/**
 * The overload detector of one manager: measures once a second, and tells its chart what is fullest. What the event loop
 * takes counts by how late it let the last looks come, the least late of them: one pause is no overload.
 */
export class Overload {
  readonly #options: OverloadOptions
  readonly #ticks: Ticks
  #level: LoadLevel = 'calm'
  #lookedAtMs = 0
  readonly #lateMs: number[] = []

  constructor(options: OverloadOptions) {
    this.#options = options
    this.#ticks = new Ticks(options.env.clock)
  }

  get level(): LoadLevel {
    return this.#level
  }

  start(): void {
    const { env, thresholds } = this.#options
    const machine = overloadMachine.provide({
      actions: {
        'level.enter': (_, { level }) => {
          this.#level = level
        },
      },
    })
    env.system.spawn(fast(machine), { id: address, input: { thresholds } })
    this.#lookedAtMs = env.clock.now()
    this.#ticks.every(limits.loadLookMs, () => this.#look())
  }

  /** Tells how many events wait for the log, where that raises the level: a second can be too long to wait for the next look. */
  noteQueued(events: number): void {
    const next = this.#options.thresholds[loadLevels.indexOf(this.#level)]
    const fill = events / limits.logQueueEventsMax
    if (next !== undefined && fill >= next) this.#tell(fill, 'queue')
  }

  stop(): void {
    this.#ticks.stop()
    this.#options.env.system.stop(address)
  }

  #look(): void {
    const { shares, thresholds } = this.#options
    const { queue, log, workflows } = shares()
    const shown = { queue, log, workflows, loop: this.#loopShare() }
    let [fill, cause] = [0, '']
    for (const [name, share] of Object.entries(shown)) if (share > fill) [fill, cause] = [share, name]
    if (this.#level !== 'calm' || fill >= thresholds[0]) this.#tell(fill, cause)
  }

  /** A leader whose loop is later than its silence may last cannot act at all (K6). */
  #loopShare(): number {
    const { clock, timings } = this.#options.env
    const nowMs = clock.now()
    this.#lateMs.push(Math.max(0, nowMs - this.#lookedAtMs - limits.loadLookMs))
    this.#lookedAtMs = nowMs
    if (this.#lateMs.length > limits.loadReliefLooks) this.#lateMs.shift()
    return this.#lateMs.length < limits.loadReliefLooks
      ? 0
      : Math.min(...this.#lateMs) / timings.leaderTimeoutMs
  }

  #tell(fill: number, cause: string): void {
    this.#options.env.system.send(address, { type: 'load.measured', fill, cause })
  }
}
