import type { Clock } from '../../clock.js'

const resolved = Promise.resolve()

/** What a watch of the loop works with. */
export interface LoopWatchOptions {
  readonly clock: Pick<Clock, 'now'>
  readonly wallNow: () => number
  /** The loop is looked at this often; what is over it is lateness. */
  readonly intervalMs: number
  /** Lateness that is worth to be told. */
  readonly wokenMs: number
  readonly onWoken: (lateMs: number) => void
}

/**
 * Sees how late the event loop is: at each beat of a timer, and before anything that comes in is handled, so that a
 * process that slept learns of it first (K29). As elapsed counts the larger of the monotonic and the wall clock of this
 * process: on a suspended machine the former stands still.
 */
export class LoopWatch {
  readonly #options: LoopWatchOptions
  #seenMs: number
  #seenWallMs: number
  #lagMs = 0
  #hasLooked = false

  constructor(options: LoopWatchOptions) {
    this.#options = options
    this.#seenMs = options.clock.now()
    this.#seenWallMs = options.wallNow()
  }

  /** Something comes in. What comes in one piece from one socket is looked at once: the clocks are read for the first of it. */
  readonly look = (): void => {
    if (this.#hasLooked) return
    this.#hasLooked = true
    // Not queueMicrotask, with which Node begins an asynchronous scope for each call.
    void resolved.then(this.#forget)
    this.beat()
  }

  /** The loop turns. */
  beat(): void {
    const { clock, wallNow, intervalMs, wokenMs, onWoken } = this.#options
    const nowMs = clock.now()
    const wallMs = wallNow()
    const elapsedMs = Math.max(nowMs - this.#seenMs, wallMs - this.#seenWallMs)
    this.#lagMs = Math.max(this.#lagMs, nowMs - this.#seenMs - intervalMs)
    this.#seenMs = nowMs
    this.#seenWallMs = wallMs
    if (elapsedMs - intervalMs >= wokenMs) onWoken(elapsedMs - intervalMs)
  }

  /** The longest lateness since this was last asked, by the monotonic clock. */
  takeLagMs(): number {
    const lagMs = this.#lagMs
    this.#lagMs = 0
    return lagMs
  }

  readonly #forget = (): void => {
    this.#hasLooked = false
  }
}
