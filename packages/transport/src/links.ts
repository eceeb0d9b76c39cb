import type { Bus } from './bus.js'
import type { Clock } from './clock.js'
import type { Facts } from './facts.js'
import type { Log } from './log.js'
import type { Presence } from './presence.js'
import type { Pulse } from './pulse.js'

/** What the broker behind some links is and can do: probed at start, never assumed. */
export interface BrokerFacts {
  readonly url: string
  readonly version: string
  readonly jetStream: boolean
  /** Nothing survives the process (`transport: 'memory'`). */
  readonly durable: boolean
}

/**
 * All ways of one process into one cluster: two connections, so that what is watched on `data` delays no heartbeat on
 * `control`, and the stores behind them.
 */
export interface Links {
  readonly broker: BrokerFacts
  /** Where the broker is a part of this process: the clock that it lives by, and that all who use it are to live by (K52). */
  readonly clock?: Clock
  /** Where the broker is a part of this process: how many shards its cluster has. Else a fact says it. */
  readonly shards?: number
  /** Membership, the log, and commands with what they carry: inputs, reports and their results. */
  readonly control: Bus
  /** Progress, inspection and the outbox; where a client is told of ends. */
  readonly data: Bus
  /** What answers for this process while its event loop is busy. */
  readonly pulse: Pulse
  /** Who joined, is active, leaves, has departed. */
  readonly facts: Facts
  /** Words on attempts that no leader has acknowledged yet (K9). */
  readonly outbox: Facts
  /** What is too large for a message, in parts. */
  readonly objects: Facts
  /** Whose control connection the broker has lost. */
  readonly presence: Presence
  log(shard: number): Log
  /** Drains both connections and closes them for good, and ends the pulse. */
  close(): Promise<void>
}
