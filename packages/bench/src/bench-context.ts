import type { Clock } from '@covey/transport'
import type { Duration } from './measure/compare.js'

/** What every benchmark is run with. */
export interface BenchContext extends Duration {
  readonly clock: Clock
  /** Tells a person what is being measured. */
  say(text: string): void
}

/** What a benchmark over a broker is run with. */
export interface BrokerContext extends BenchContext {
  /** The URL of the nats-server that all take. */
  readonly server: string
}
