import type { Bus, Stop } from '../bus.js'
import type { Presence } from '../presence.js'
import type { Connection } from './connection.js'
import { type MemoryExchange, SharedMessage } from './exchange.js'
import { SharedBytes } from './shared-frame.js'

const subjectPrefix = '$presence.gone.'
const noBytes = new SharedBytes(new Uint8Array(0), true)

/** `Presence` over the memory broker: a name is an interest at the broker, which ends with the session. */
export class MemoryPresence implements Presence {
  readonly #connection: Connection
  readonly #exchange: MemoryExchange
  readonly #bus: Bus

  constructor(connection: Connection, exchange: MemoryExchange, bus: Bus) {
    this.#connection = connection
    this.#exchange = exchange
    this.#bus = bus
  }

  hold(name: string): Stop {
    const from = this.#connection.gate
    return this.#connection.attach(() => () => {
      this.#exchange.publish(from, new SharedMessage(subjectPrefix + name, noBytes))
    })
  }

  onGone(listener: (name: string) => void): Stop {
    return this.#bus.subscribe(`${subjectPrefix}*`, ({ subject }) =>
      listener(subject.slice(subjectPrefix.length)),
    )
  }
}
