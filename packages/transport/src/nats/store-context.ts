import type { Clock } from '../clock.js'
import type { Random } from '../random.js'
import type { NatsBus } from './nats-bus.js'

/** What the stores behind one connection share. */
export interface StoreContext {
  readonly bus: NatsBus
  readonly clock: Clock
  readonly random: Random
  /** How long a follower waits before it asks again for a consumer that it could not get. */
  readonly retryMs: number
}
