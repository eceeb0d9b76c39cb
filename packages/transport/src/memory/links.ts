import type { Clock } from '../clock.js'
import type { BrokerFacts, Links } from '../links.js'
import type { Log } from '../log.js'
import { MemoryBus } from './bus.js'
import { type BrokerDoor, Connection } from './connection.js'
import type { MemoryExchange } from './exchange.js'
import { MemoryFacts } from './facts.js'
import { MemoryLog } from './log.js'
import { MemoryPresence } from './presence.js'
import type { ProcessGate } from './process-gate.js'
import { MemoryPulse } from './pulse.js'
import type { MemoryStores } from './stores.js'

/** What the links of one process are made of. */
export interface MemoryLinksOptions {
  /** Makes a door of the process: that of its event loop, and that of what runs beside it. */
  readonly newGate: () => ProcessGate
  readonly door: BrokerDoor
  readonly exchange: MemoryExchange
  readonly stores: MemoryStores
  /** Shards of the cluster. */
  readonly shards: number
  /** Tells these links from all others of the broker. */
  readonly number: number
  readonly onClose: () => void
  /** That of the broker, for a part of its process. */
  readonly clock?: Clock
}

/** `Links` over the memory broker: two connections, the stores behind them, and a pulse beside the loop. */
export class MemoryLinks implements Links {
  readonly broker: BrokerFacts = { url: 'memory:', version: 'memory', jetStream: true, durable: false }
  readonly clock?: Clock
  readonly shards: number
  readonly gate: ProcessGate
  readonly control: MemoryBus
  readonly data: MemoryBus
  readonly pulse: MemoryPulse
  readonly facts: MemoryFacts
  readonly outbox: MemoryFacts
  readonly objects: MemoryFacts
  readonly presence: MemoryPresence
  readonly #beside: ProcessGate
  readonly #controlConnection: Connection
  readonly #stores: MemoryStores
  readonly #onClose: () => void
  readonly #logs = new Map<number, MemoryLog>()

  constructor({ newGate, door, exchange, stores, shards, number, onClose, clock }: MemoryLinksOptions) {
    if (clock !== undefined) this.clock = clock
    const gate = newGate()
    const control = new Connection(gate, door)
    const data = new Connection(gate, door)
    const inbox = `_INBOX.${gate.address}.${number}`
    this.gate = gate
    this.shards = shards
    this.#beside = newGate()
    this.control = new MemoryBus(control, exchange, `${inbox}.control`)
    this.data = new MemoryBus(data, exchange, `${inbox}.data`)
    this.pulse = new MemoryPulse({ loop: gate, beside: this.#beside, door, exchange })
    this.facts = new MemoryFacts(control, stores.facts, (subject) => stores.takesFact(subject))
    this.outbox = new MemoryFacts(data, stores.outbox, (subject) => stores.takesOutbox(subject))
    this.objects = new MemoryFacts(data, stores.objects, (subject) => stores.takesObject(subject))
    this.presence = new MemoryPresence(control, exchange, this.control)
    this.#controlConnection = control
    this.#stores = stores
    this.#onClose = onClose
  }

  log(shard: number): Log {
    let log = this.#logs.get(shard)
    if (log === undefined) {
      log = new MemoryLog(this.#controlConnection, this.#stores.log(shard), this.#stores.logName(shard))
      this.#logs.set(shard, log)
    }
    return log
  }

  async close(): Promise<void> {
    this.pulse.end()
    await Promise.all([this.control.drain(), this.data.drain()])
    this.#onClose()
  }

  /** The event loop stands still, and what runs beside it goes on. */
  stall(): void {
    this.gate.freeze()
    this.pulse.begin()
  }

  /** All of the process stands still. */
  freeze(): void {
    this.gate.freeze()
    this.#beside.freeze()
  }

  thaw(): void {
    this.pulse.rest()
    this.gate.thaw()
    this.#beside.thaw()
  }

  /** The process is gone, without a word. */
  kill(): void {
    this.gate.kill()
    this.#beside.kill()
    this.pulse.kill()
    this.control.kill()
    this.data.kill()
    this.#onClose()
  }
}
