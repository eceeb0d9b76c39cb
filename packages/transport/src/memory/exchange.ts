import type { BusMessage, Stop } from '../bus.js'
import type { ProcessGate } from './process-gate.js'
import type { ServerMesh } from './server-mesh.js'
import { type SharedBytes, SharedFrame } from './shared-frame.js'
import type { MemoryStores } from './stores.js'
import { SubjectTree } from './subject-tree.js'

/** What has gone through the bus of a memory broker since it was made; a store's records are not counted. */
export interface BusTraffic {
  sentMessages: number
  /** Of subjects and payloads. */
  sentBytes: number
  /** Once for each who was interested. */
  receivedMessages: number
  receivedBytes: number
}

/** A message as all who are interested are told of it. */
export class SharedMessage extends SharedFrame implements BusMessage {
  declare readonly reply?: string

  constructor(subject: string, bytes: SharedBytes, reply?: string) {
    super(subject, bytes)
    if (reply !== undefined) this.reply = reply
  }
}

interface Interest {
  readonly gate: ProcessGate
  readonly tell: (message: SharedMessage) => void
}

/** Where the messages of a broker go: to all that are interested and within reach, and into the stores. */
export class MemoryExchange {
  readonly traffic: BusTraffic = { sentMessages: 0, sentBytes: 0, receivedMessages: 0, receivedBytes: 0 }
  readonly #interests = new SubjectTree<Interest>()
  readonly #stores: MemoryStores
  readonly #servers: ServerMesh

  constructor(stores: MemoryStores, servers: ServerMesh) {
    this.#stores = stores
    this.#servers = servers
  }

  /** Subscriptions, of all connections. */
  get size(): number {
    return this.#interests.size
  }

  /**
   * Hands a message to all that are interested; answers of how many the sender's server knows. It knows of those whose
   * server can speak to it, also where what it says does not come to them.
   */
  publish(from: ProcessGate, message: SharedMessage): number {
    const { subject, size, reply } = message
    const servers = this.#servers
    if (servers.storesHear(from)) this.#stores.capture(subject, message)
    // Answers go to a subject of their own; what is asked there is asked there again.
    const interested =
      reply === undefined ? this.#interests.match(subject) : this.#interests.matchAgain(subject)
    const known = servers.isWhole ? interested : interested.filter(({ gate }) => servers.reaches(gate, from))
    this.#count(subject.length + size + (reply?.length ?? 0), known.length)
    if (known.length > 1) message.shareOn()
    for (const { gate, tell } of known) if (servers.reaches(from, gate)) tell(message)
    return known.length
  }

  listen(pattern: string, gate: ProcessGate, tell: (message: SharedMessage) => void): Stop {
    return this.#interests.add(pattern, { gate, tell })
  }

  #count(bytes: number, receivers: number): void {
    const { traffic } = this
    traffic.sentMessages += 1
    traffic.sentBytes += bytes
    traffic.receivedMessages += receivers
    traffic.receivedBytes += bytes * receivers
  }
}
