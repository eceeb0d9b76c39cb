import { limits } from '@covey/protocol'
import type { Clock } from '@covey/transport'
import { clientTimings } from './client-timings.js'

/** What a window holds back. */
interface Holdable {
  readonly deadlineAtMs: number
}

/** What a window stands on. */
export interface SendWindowOptions<Item> {
  readonly clock: Clock
  /** There is room for these now. */
  readonly release: (items: readonly Item[]) => void
  /** Its deadline has passed while it was held back. */
  readonly expire: (item: Item) => void
}

/**
 * How many commands a client has without an answer at once: as many as the leader gives it credit for. What is over that
 * waits here and not in the leader's queue, in the order in which it came, and no longer than its deadline.
 */
export class SendWindow<Item extends Holdable> {
  readonly #options: SendWindowOptions<Item>
  readonly #underWay = new Set<Item>()
  #held: Item[] = []
  #credit: number = limits.commandsWaitingMax
  #timer: unknown

  constructor(options: SendWindowOptions<Item>) {
    this.#options = options
  }

  /** Takes a command; `false` when it is held back. */
  admits(item: Item): boolean {
    if (this.#held.length === 0 && this.#underWay.size < this.#credit) {
      this.#underWay.add(item)
      return true
    }
    this.#held.push(item)
    this.#arm()
    return false
  }

  /** A command is over, however it ended. */
  settle(item: Item): void {
    if (this.#underWay.delete(item)) this.#fill()
  }

  /** What the leader said last; `undefined` is no bound. */
  setCredit(credit: number = limits.commandsWaitingMax): void {
    this.#credit = Math.max(1, credit)
    this.#fill()
  }

  stop(): void {
    this.#options.clock.clearTimeout(this.#timer)
    this.#timer = undefined
    this.#held = []
  }

  #fill(): void {
    const room = this.#credit - this.#underWay.size
    if (room <= 0 || this.#held.length === 0) return
    const released = this.#held.splice(0, room)
    for (const item of released) this.#underWay.add(item)
    this.#options.release(released)
  }

  #arm(): void {
    if (this.#timer !== undefined) return
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#timer = undefined
      const nowMs = this.#options.clock.now()
      const late = this.#held.filter(({ deadlineAtMs }) => deadlineAtMs <= nowMs)
      this.#held = this.#held.filter(({ deadlineAtMs }) => deadlineAtMs > nowMs)
      for (const item of late) this.#options.expire(item)
      if (this.#held.length > 0) this.#arm()
    }, clientTimings.resultTickMs)
  }
}
