import { limits } from '@covey/protocol'
import type { Clock } from '@covey/transport'

/**
 * Whose turn it is to dial: few dials are under way at once and few begin in a second, whatever the cluster is asked
 * for, so that a thousand nodes that come back together do not make a million hellos. None begins while the link is down.
 */
export class DialTurns {
  readonly #clock: Clock
  readonly #give: (nodeId: string) => boolean
  readonly #waiting = new Set<string>()
  readonly #underWay = new Set<string>()
  #turns: number = limits.dialsInFlightMax
  #countedAtMs: number
  #timer: unknown
  #isOpen = false

  /** `give` begins the dial of a session whose turn has come, and answers whether it still wants it. */
  constructor(clock: Clock, give: (nodeId: string) => boolean) {
    this.#clock = clock
    this.#give = give
    this.#countedAtMs = clock.now()
  }

  /** The link carries: turns are given. */
  open(): void {
    this.#isOpen = true
    this.#next()
  }

  /** The link is down, or nobody dials any more: who waits goes on waiting. */
  close(): void {
    this.#isOpen = false
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** Asks for a turn. */
  await(nodeId: string): void {
    this.#waiting.add(nodeId)
    this.#next()
  }

  /** A dial is under way from its turn until it has led to a session or to none. */
  note(nodeId: string, isDialling: boolean): void {
    if (isDialling) this.#underWay.add(nodeId)
    else if (this.#underWay.delete(nodeId)) this.#next()
  }

  forget(nodeId: string): void {
    this.#waiting.delete(nodeId)
    this.note(nodeId, false)
  }

  #next(): void {
    if (!this.#isOpen) return
    this.#count()
    for (const nodeId of this.#waiting) {
      if (this.#underWay.size >= limits.dialsInFlightMax) return
      if (this.#turns < 1) {
        this.#wait()
        return
      }
      this.#waiting.delete(nodeId)
      this.#underWay.add(nodeId)
      if (this.#give(nodeId)) this.#turns -= 1
      else this.#underWay.delete(nodeId)
    }
  }

  #count(): void {
    const nowMs = this.#clock.now()
    const gained = ((nowMs - this.#countedAtMs) * limits.dialsPerSecondMax) / 1_000
    this.#turns = Math.min(limits.dialsInFlightMax, this.#turns + gained)
    this.#countedAtMs = nowMs
  }

  #wait(): void {
    if (this.#timer !== undefined) return
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined
      this.#next()
    }, 1_000 / limits.dialsPerSecondMax)
  }
}
