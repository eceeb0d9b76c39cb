import { limits } from '@covey/protocol'
import type { RequestOutcome } from '../bus.js'
import type { Clock } from '../clock.js'
import { natsDeadlines } from './deadline.js'

interface Pending {
  /** Taken out when it is called: a table of V8's that the map has outgrown keeps its entries for long. */
  resolve: ((outcome: RequestOutcome) => void) | undefined
  readonly deadlineAtMs: number
}

/**
 * The requests of one connection that await their answer. All deadlines share one coarse timer, which runs only while
 * something is awaited: a timer for each request would cost more than the request itself.
 */
export class PendingRequests {
  readonly #clock: Clock
  readonly #pending = new Map<string, Pending>()
  #next = 0
  #timer: unknown

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get isFull(): boolean {
    return this.#pending.size >= limits.requestsInFlightMax
  }

  /** Remembers who waits, and returns the id that the answer will carry. */
  add(resolve: (outcome: RequestOutcome) => void, deadlineMs: number): string {
    const id = (this.#next++).toString(36)
    this.#pending.set(id, { resolve, deadlineAtMs: this.#clock.now() + deadlineMs })
    this.#timer ??= this.#clock.setTimeout(this.#sweep, natsDeadlines.sweepIntervalMs)
    return id
  }

  /** Ends one request. An id that is no longer known is an answer that came too late. */
  settle(id: string, outcome: RequestOutcome): void {
    const pending = this.#pending.get(id)
    if (pending === undefined) return
    this.#pending.delete(id)
    const { resolve } = pending
    pending.resolve = undefined
    resolve?.(outcome)
  }

  /** Ends all that is awaited in the same way. */
  settleAll(outcome: RequestOutcome): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
    const pending = [...this.#pending.values()]
    this.#pending.clear()
    for (const { resolve } of pending) resolve?.(outcome)
  }

  readonly #sweep = (): void => {
    const now = this.#clock.now()
    for (const [id, { deadlineAtMs }] of this.#pending) {
      if (deadlineAtMs <= now) this.settle(id, { kind: 'timeout' })
    }
    this.#timer =
      this.#pending.size === 0
        ? undefined
        : this.#clock.setTimeout(this.#sweep, natsDeadlines.sweepIntervalMs)
  }
}
