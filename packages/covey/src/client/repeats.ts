import {
  equalJitterMs,
  fullBucket,
  fullJitterMs,
  refilled,
  type TokenBucket,
  takeTokens,
} from '@covey/machines'
import { limits } from '@covey/protocol'
import type { Clock, Random } from '@covey/transport'
import { clientTimings } from './client-timings.js'

/** What may be sent again. */
interface Repeatable {
  readonly deadlineAtMs: number
}

/** What repeats stand on. */
export interface RepeatsOptions<Item> {
  readonly clock: Clock
  readonly random: Random
  /** Sends again what is still without an answer. */
  readonly send: (items: readonly Item[]) => void
  /** What no budget holds back: a cancel. */
  readonly isFree: (item: Item) => boolean
}

const pauseBounds = { minMs: clientTimings.resendMinMs, maxMs: clientTimings.resendMaxMs }
const budgetTerms = { burst: limits.repeatsBurst, perSecond: limits.repeatsPerSecond }

/**
 * When a client sends again what has no answer (H20).
 *
 * 1. Who found nobody waits, the longer the more often, with equal jitter: clients that lost the same broker come back apart.
 * 2. Repeats have a budget, which time and every answer fill: where it is spent, all that is due waits and goes out
 *    together, so that a leader that is slow is not buried by what it is slow to answer. Cancels go out at once.
 * 3. No pause is longer than the deadline; what joins others that wait for the budget goes out with them.
 */
export class Repeats<Item extends Repeatable> {
  readonly #options: RepeatsOptions<Item>
  readonly #timers = new Set<unknown>()
  #budget: TokenBucket
  /** What has waited and is due; it goes out when the budget has room. */
  #due: Item[] = []
  /** Frames in a row without an answer. */
  #silences = 0

  constructor(options: RepeatsOptions<Item>) {
    this.#options = options
    this.#budget = fullBucket(budgetTerms, options.clock.now())
  }

  /** How long the next frame may be without an answer before it is sent again. */
  get answerTimeoutMs(): number {
    return Math.min(clientTimings.answerTimeoutMs * 2 ** this.#silences, clientTimings.answerTimeoutMaxMs)
  }

  /** A frame has been answered: so many answers let so many more repeats be made. */
  answered(answers: number): void {
    this.#silences = 0
    const earned = answers * limits.repeatsPerAnswer
    this.#budget = refilled(this.#budget, budgetTerms, this.#options.clock.now(), earned)
  }

  /** Sends a frame again: after a pause, unless it has waited for an answer already. */
  unanswered(items: readonly Item[], hasWaited: boolean): void {
    this.#silences += 1
    const pauseMs = hasWaited ? 0 : equalJitterMs(this.#silences, this.#options.random.next(), pauseBounds)
    if (pauseMs === 0) this.#spend(items)
    else this.#wait(items, pauseMs, () => this.#spend(items))
  }

  /** Sends a command again that the leader has refused for now, when it said, and apart from others that it told the same. */
  refused(item: Item, afterMs: number): void {
    const apartMs = fullJitterMs(0, this.#options.random.next(), { minMs: afterMs / 2, maxMs: afterMs / 2 })
    this.#wait([item], afterMs + apartMs, () => this.#spend([item]))
  }

  /** Nothing is sent again any more. */
  stop(): void {
    for (const handle of this.#timers) this.#options.clock.clearTimeout(handle)
    this.#timers.clear()
    this.#due = []
  }

  #wait(items: readonly Item[], ms: number, then: () => void): void {
    const { clock } = this.#options
    const leftMs = Math.min(...items.map(({ deadlineAtMs }) => deadlineAtMs)) - clock.now()
    const handle = clock.setTimeout(
      () => {
        this.#timers.delete(handle)
        then()
      },
      Math.max(0, Math.min(ms, leftMs)),
    )
    this.#timers.add(handle)
  }

  #spend(given: readonly Item[]): void {
    const { isFree, send } = this.#options
    const free = given.filter(isFree)
    const items = free.length === 0 ? given : given.filter((item) => !isFree(item))
    if (free.length > 0) send(free)
    const isWaiting = this.#due.length > 0
    for (const item of items) this.#due.push(item)
    if (isWaiting || items.length === 0) return
    const { bucket, waitMs } = takeTokens(this.#budget, budgetTerms, this.#options.clock.now())
    this.#budget = bucket
    if (waitMs === 0) this.#sendDue()
    else
      this.#wait(items, waitMs, () => {
        this.#budget = takeTokens(this.#budget, budgetTerms, this.#options.clock.now()).bucket
        this.#sendDue()
      })
  }

  #sendDue(): void {
    const due = this.#due
    this.#due = []
    this.#options.send(due)
  }
}
