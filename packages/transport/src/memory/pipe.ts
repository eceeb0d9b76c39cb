import type { Clock } from '../clock.js'

/**
 * A class, since V8 makes a literal at once among what is old where most that came of it before have lived long: what is
 * over in a moment would be collected as old, and so would all that it holds.
 */
class Parcel<Content> {
  readonly dueMs: number
  readonly content: Content
  /** Sent after it; none once it has arrived, so that what is over keeps nothing. */
  next: Parcel<Content> | undefined

  constructor(dueMs: number, content: Content) {
    this.dueMs = dueMs
    this.content = content
    this.next = undefined
  }
}

/** What a pipe is made of. */
export interface PipeOptions<Content> {
  readonly clock: Clock
  readonly latencyMs: () => number
  /** Told each time its timer rings, before anything arrives. */
  readonly onTurn: () => void
  readonly onArrival: (content: Content) => void
}

/**
 * One direction of one connection: what is sent arrives later, by the clock, in the order of sending, or not at all.
 * One timer serves all that is under way.
 */
export class Pipe<Content> {
  readonly #options: PipeOptions<Content>
  #first: Parcel<Content> | undefined
  #last: Parcel<Content> | undefined
  #timer: unknown
  #lastDueMs = 0
  #state: 'open' | 'held' | 'closed' = 'open'

  constructor(options: PipeOptions<Content>) {
    this.#options = options
  }

  /** Sends; what is sent into a closed pipe vanishes. Never calls `onArrival` before this returns. */
  send(content: Content): void {
    if (this.#state === 'closed') return
    const { clock, latencyMs } = this.#options
    // A parcel drawn a shorter way still waits for those sent before it.
    this.#lastDueMs = Math.max(this.#lastDueMs, clock.now() + latencyMs())
    const parcel = new Parcel(this.#lastDueMs, content)
    if (this.#last === undefined) this.#first = parcel
    else this.#last.next = parcel
    this.#last = parcel
    this.#arm()
  }

  /** Nothing arrives until `release`: the packets wait, as in a network that is cut and heals. */
  hold(): void {
    if (this.#state !== 'open') return
    this.#state = 'held'
    this.#disarm()
  }

  release(): void {
    if (this.#state !== 'held') return
    this.#state = 'open'
    this.#arm()
  }

  /** Loses all that is under way and all that is sent from now on. */
  close(): void {
    this.#state = 'closed'
    this.#first = undefined
    this.#last = undefined
    this.#disarm()
  }

  #disarm(): void {
    this.#options.clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #arm(): void {
    const next = this.#first
    if (next === undefined || this.#timer !== undefined || this.#state !== 'open') return
    const { clock } = this.#options
    this.#timer = clock.setTimeout(this.#deliver, Math.max(0, next.dueMs - clock.now()))
  }

  readonly #deliver = (): void => {
    const { clock, onTurn, onArrival } = this.#options
    this.#timer = undefined
    onTurn()
    const nowMs = clock.now()
    try {
      for (;;) {
        const parcel = this.#first
        if (parcel === undefined || parcel.dueMs > nowMs || this.#state !== 'open') break
        this.#first = parcel.next
        parcel.next = undefined
        if (this.#first === undefined) this.#last = undefined
        onArrival(parcel.content)
      }
    } finally {
      // Also where a receiver throws: his bug keeps nothing back from the next.
      this.#arm()
    }
  }
}
