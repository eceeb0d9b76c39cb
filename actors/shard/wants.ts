import type { Want } from '@covey/protocol'
import type { Outgoing } from './outgoing.js'
import type { Placement } from './placement.js'
import type { Seat, Seats } from './seats.js'

/** What wants are made of: one per term. */
export interface WantsOptions {
  /** Shards of the cluster. */
  readonly shards: number
  readonly seats: Seats
  readonly placement: Placement
  readonly outgoing: Outgoing
}

/**
 * Tells workers how many of their slots this shard could use: with every grant, and at once where something waits and the
 * credits that are here do not suffice, for another shard may have some that lie idle (K10). In a cluster of one shard
 * there is nobody else to have them.
 */
export class Wants {
  readonly #options: WantsOptions

  constructor(options: WantsOptions) {
    this.#options = options
  }

  /** For a grant; `undefined` where nothing is wanted. Whatever was told before is not so any more. */
  of(seat: Seat): Want | undefined {
    const { shards, placement } = this.#options
    const want = shards === 1 || placement.isEmpty ? undefined : placement.wantOf(seat)
    seat.wantTold = want?.slots ?? 0
    return want?.slots === 0 ? undefined : want
  }

  /** After a placement: what waits now has found no place. */
  look(): void {
    const { shards, seats, placement, outgoing } = this.#options
    if (shards === 1 || placement.isEmpty) return
    for (const seat of seats.all()) {
      // Who knows that all of it is wanted need not be told more.
      if (!seat.opened || !seat.routable || seat.wantTold >= seat.slots) continue
      const want = placement.wantOf(seat)
      if (want.slots <= seat.wantTold || want.slots <= seat.available.length) continue
      seat.wantTold = want.slots
      outgoing.want(seat, want)
    }
  }
}
