import { type ClockReading, listCredits, type ShardBook } from '@covey/machines'
import {
  type GrantMessage,
  grantMessage,
  isBeyond,
  limits,
  nowhere,
  type Offer,
  renewMessage,
  type StreamPlace,
  seenOf,
} from '@covey/protocol'
import type { RequestOutcome } from '@covey/transport'
import type { Environment, Self } from '../environment.js'
import type { SeenPlace } from '../seen-place.js'

/** What is to be said of the worker at the moment a renewal is sent. */
export interface RenewalView {
  readonly state: string
  readonly slots: number
  readonly book: ShardBook
}

/** What renewals work with. */
export interface RenewalsOptions {
  readonly env: Environment
  readonly self: Self
  readonly shards: number
  readonly offers: readonly Offer[]
  readonly view: (shard: number) => RenewalView | undefined
  /** How far the log of each shard goes, by its number. */
  readonly seen: readonly SeenPlace[]
  readonly readClock: () => ClockReading
  readonly onDue: (shard: number) => void
  readonly onGrant: (shard: number, grant: GrantMessage, sentAt: ClockReading) => void
}

/**
 * Renews the lease of every shard at each interval, and at once where that is wished. A renewal states everything as it
 * is when it is sent, never a difference (K10); the lease that it is granted counts from then (K7).
 */
export class Renewals {
  readonly #options: RenewalsOptions
  readonly #wished = new Set<number>()
  /** The newest grant of each shard that has come. */
  readonly #heard = new Map<number, GrantMessage>()
  #timer: unknown
  #isOver = false

  constructor(options: RenewalsOptions) {
    this.#options = options
  }

  /** Begins to tick. */
  start(): void {
    const { clock, timings } = this.#options.env
    this.#timer = clock.setTimeout(this.#tick, timings.renewalIntervalMs)
  }

  /** A renewal of the shard is to be sent at the end of this turn. */
  wish(shard: number): void {
    this.#wished.add(shard)
  }

  sendWished(): void {
    for (const shard of this.#wished) void this.#renew(shard)
    this.#wished.clear()
  }

  stop(): void {
    this.#isOver = true
    this.#wished.clear()
    this.#options.env.clock.clearTimeout(this.#timer)
  }

  readonly #tick = (): void => {
    this.start()
    for (let shard = 0; shard < this.#options.shards; shard += 1) this.#options.onDue(shard)
  }

  async #renew(shard: number): Promise<void> {
    const { env, view, seen, readClock, onGrant } = this.#options
    const now = view(shard)
    if (now === undefined) return
    const sentAt = readClock()
    const subject = env.subjects.command(shard)
    const told = seen[shard]?.all ?? []
    try {
      const data = this.#encode(shard, now, told)
      // A leader under load grants late: an answer is of use for as long as the lease that it renews.
      const outcome = await env.links.control.request(subject, data, env.timings.workerSelfFenceMs)
      const grant = this.#granted(outcome)
      if (grant === undefined) return
      seen[shard]?.answered(told, grant)
      if (this.#isOver) return
      if (isBeyond(grant, this.#heard.get(shard) ?? nowhere)) this.#heard.set(shard, grant)
      onGrant(shard, grant, sentAt)
    } catch (error) {
      env.notice({ kind: 'defect', what: `the lease of shard ${shard} could not be renewed`, error })
    }
  }

  #encode(shard: number, { state, slots, book }: RenewalView, told: readonly StreamPlace[]): Uint8Array {
    const { self, offers } = this.#options
    const held = [...book.attempts].slice(0, limits.creditsPerWorkerMax)
    return renewMessage.encode({
      worker: self.nodeId,
      generation: self.generation,
      streamEpoch: book.streamEpoch,
      epoch: book.floor,
      ...seenOf(told),
      heard: this.#heardOf(shard, book),
      opened: book.opened,
      slots,
      ...(book.recalled > 0 && { recall: book.recalled }),
      state,
      credits: listCredits(book.outstanding),
      held: held.map(([token, { workflow }]) => ({ token, workflow })),
      offers: [...offers],
    })
  }

  /** How far the log went by the newest grant of the leader that the book goes by. */
  #heardOf(shard: number, { streamEpoch, floor }: ShardBook): number {
    const grant = this.#heard.get(shard)
    return grant?.streamEpoch === streamEpoch && grant.epoch === floor ? grant.sequence : 0
  }

  #granted(outcome: RequestOutcome): GrantMessage | undefined {
    if (outcome.kind !== 'reply') return undefined
    try {
      return grantMessage.decode(outcome.data)
    } catch (error) {
      this.#options.env.notice({ kind: 'frame.refused', subject: 'worker.grant', error })
      return undefined
    }
  }
}
