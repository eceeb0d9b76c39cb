import { CoveyError, limits } from '@covey/protocol'
import type { Clock } from '@covey/transport'

/** What a lane sends by. */
export interface LaneGround {
  readonly clock: Clock
  readonly peer: string
  readonly channel: string
  /** Bytes that a message may still add to all that this node keeps for any. */
  readonly budget: { bytes: number }
  /** Whether a message can be sent now; an error where it never can. Where it cannot yet, what is missing has been asked for. */
  readiness(): boolean | CoveyError
  /** Sends one message; resolves when the reader has dealt with it, rejects with why not. */
  deliver(payload: Uint8Array, deadlineMs: number): Promise<void>
  /** Nothing waits any more. */
  onEmpty(): void
}

interface Waiting {
  readonly payload: Uint8Array
  readonly deadlineAtMs: number
  readonly resolve: () => void
  readonly reject: (error: CoveyError) => void
  timer: unknown
}

/**
 * The way of one channel to one peer: as many messages are under way as there are credits, the others wait here in
 * order, within bounds. A message that has been sent is never sent again.
 */
export class Lane {
  readonly #ground: LaneGround
  readonly #waiting = new Map<number, Waiting>()
  #number = 0
  #underWay = 0
  #isPumping = false

  constructor(ground: LaneGround) {
    this.#ground = ground
  }

  get credit(): number {
    return limits.channelCreditsMax - this.#underWay
  }

  get queued(): number {
    return this.#waiting.size
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0 && this.#underWay === 0
  }

  /** Sends a message when its turn has come. Rejects `overloaded` where too many wait already. */
  send(payload: Uint8Array, deadlineMs: number): Promise<void> {
    const { clock, budget } = this.#ground
    if (this.#waiting.size >= limits.channelQueueMax || payload.byteLength > budget.bytes) {
      return Promise.reject(this.#error('overloaded', `too many messages wait for ${this.#place}`))
    }
    budget.bytes -= payload.byteLength
    return new Promise((resolve, reject) => {
      this.#number += 1
      const number = this.#number
      const waiting: Waiting = {
        payload,
        deadlineAtMs: clock.now() + deadlineMs,
        resolve,
        reject,
        timer: undefined,
      }
      this.#waiting.set(number, waiting)
      this.pump()
      if (!this.#waiting.has(number)) return
      waiting.timer = clock.setTimeout(() => this.#late(number, waiting), deadlineMs)
    })
  }

  /** Sends what can be sent now. */
  pump(): void {
    // Asking for what is missing may come back here.
    if (this.#isPumping) return
    this.#isPumping = true
    try {
      for (const [number, waiting] of this.#waiting) {
        const readiness = this.#ground.readiness()
        if (readiness instanceof CoveyError) this.fail(readiness)
        if (readiness !== true || this.#underWay >= limits.channelCreditsMax) break
        this.#take(number, waiting)
        this.#deliver(waiting)
      }
    } finally {
      this.#isPumping = false
    }
  }

  /** Nothing that waits here will be sent. */
  fail(error: CoveyError): void {
    for (const [number, waiting] of this.#waiting) {
      this.#take(number, waiting)
      this.#settle(waiting, error)
    }
  }

  #deliver(waiting: Waiting): void {
    const { clock, deliver } = this.#ground
    this.#underWay += 1
    const end = (error?: CoveyError): void => {
      this.#underWay -= 1
      this.#settle(waiting, error)
      this.pump()
    }
    deliver(waiting.payload, Math.max(1, waiting.deadlineAtMs - clock.now())).then(
      () => end(),
      (error: unknown) =>
        end(error instanceof CoveyError ? error : this.#error('unreachable', String(error))),
    )
  }

  #late(number: number, waiting: Waiting): void {
    this.#take(number, waiting)
    this.#settle(waiting, this.#error('deadline', `${this.#place} had no room for it in time`))
  }

  #take(number: number, { timer }: Waiting): void {
    this.#waiting.delete(number)
    this.#ground.clock.clearTimeout(timer)
  }

  #settle({ payload, resolve, reject }: Waiting, error?: CoveyError): void {
    const { budget, onEmpty } = this.#ground
    budget.bytes += payload.byteLength
    if (error === undefined) resolve()
    else reject(error)
    if (this.isEmpty) onEmpty()
  }

  get #place(): string {
    return `channel ${this.#ground.channel} of ${this.#ground.peer}`
  }

  #error(code: 'overloaded' | 'deadline' | 'unreachable', what: string): CoveyError {
    return new CoveyError(code, what, { address: this.#ground.peer })
  }
}
