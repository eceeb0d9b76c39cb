import type { BusMessage } from '../bus.js'
import type { Clock } from '../clock.js'
import type { Links } from '../links.js'
import type { Random } from '../random.js'
import type { BusExchange } from './bus.js'
import type { BrokerDoor } from './connection.js'
import { between, type MemoryFaults, mildFaults } from './faults.js'
import { MemoryLinks } from './links.js'
import { type CutDirection, Network } from './network.js'
import { ProcessGate } from './process-gate.js'
import { MemoryStores } from './stores.js'
import { SubjectTree } from './subject-tree.js'

/** What a memory broker is made of. */
export interface MemoryBrokerOptions {
  readonly clock: Clock
  readonly random: Random
  readonly cluster: string
  /** How unkind it is, where it is to be more so than {@link mildFaults}. */
  readonly faults?: Partial<MemoryFaults>
}

/** What has gone through the bus of a memory broker since it was made; a store's records are not counted. */
interface BusTraffic {
  sentMessages: number
  /** Of subjects and payloads. */
  sentBytes: number
  /** Once for each who was interested. */
  receivedMessages: number
  receivedBytes: number
}

/**
 * A broker for one cluster inside this process, as unkind as a real one (K51). Processes are named as they were opened,
 * by name (all generations of it) or by `name-generation`.
 */
export interface MemoryBroker {
  /** May be changed at any time. */
  readonly faults: MemoryFaults
  readonly traffic: Readonly<BusTraffic>
  /** Interests held: subscriptions, of all connections. Nothing is left where all links are closed. */
  readonly interests: number
  /** Links of one process; up at once unless the broker is stopped or the process is cut off. */
  open(name: string, generation?: string): Links
  /** Every connection ends. The stores survive. */
  stop(): void
  start(): void
  /** Ends the connections of a process from the broker's side; it dials again (a slow consumer, a stale connection). */
  disconnect(who: string): void
  /**
   * Nothing goes through in these directions, and no dial succeeds, until `heal`. What is under way waits; both sides
   * give the connection up after `faults.cutNoticedAfterMs`, and what waited is lost.
   */
  cut(who: string, direction?: CutDirection): void
  heal(who: string): void
  /** SIGSTOP: callbacks, answers and news of the process are held, and its pulse is. */
  freeze(who: string): void
  /** Its event loop is blocked: the same, but the pulse goes on. */
  stall(who: string): void
  /** SIGCONT, or the loop turns again: what was held is told, late and in order. */
  thaw(who: string): void
  /** SIGKILL: it hears nothing more. What it has sent still lands; later, if it was cut off before and is healed after. */
  kill(who: string): void
  /** The last `count` entries of a shard's log are gone, acknowledged as they were (K11). */
  loseLogSuffix(shard: number, count: number): void
}

/** Makes a broker that lives in this process and dies with it. */
export function createMemoryBroker(options: MemoryBrokerOptions): MemoryBroker {
  const { clock, random, cluster } = options
  const faults: MemoryFaults = {
    ...mildFaults,
    ...options.faults,
    storeBytesMax: { ...mildFaults.storeBytesMax, ...options.faults?.storeBytesMax },
  }
  const tree = new SubjectTree<(message: BusMessage) => void>()
  const network = new Network({
    clock,
    latencyMs: () => between(random, faults.latencyMinMs, faults.latencyMaxMs),
    cutNoticedAfterMs: () => faults.cutNoticedAfterMs,
  })
  const stores = new MemoryStores(cluster, faults, () => clock.now())
  const door: BrokerDoor = { clock, random, faults, accept: (gate, onEnd) => network.accept(gate, onEnd) }
  const traffic: BusTraffic = { sentMessages: 0, sentBytes: 0, receivedMessages: 0, receivedBytes: 0 }
  const exchange: BusExchange = {
    publish(subject, data, reply) {
      stores.capture(subject, data)
      const interested = tree.match(subject)
      const bytes = subject.length + data.length + (reply?.length ?? 0)
      traffic.sentMessages += 1
      traffic.sentBytes += bytes
      traffic.receivedMessages += interested.length
      traffic.receivedBytes += bytes * interested.length
      const message = { subject, data, ...(reply === undefined ? {} : { reply }) }
      for (const tell of interested) tell(message)
      return interested.length
    },
    listen: (pattern, tell) => tree.add(pattern, tell),
  }
  const all = new Set<MemoryLinks>()
  const named = (who: string): MemoryLinks[] => [...all].filter(({ gate }) => gate.isNamed(who))
  let opened = 0
  return {
    faults,
    traffic,
    get interests() {
      return tree.size
    },
    open(name, generation) {
      opened += 1
      const links = new MemoryLinks({
        newGate: () =>
          new ProcessGate(name, generation === undefined ? name : `${name}-${generation}`, clock),
        door,
        exchange,
        stores,
        number: opened,
        onClose: () => all.delete(links),
      })
      all.add(links)
      return links
    },
    stop: () => network.stop(),
    start: () => network.start(),
    disconnect: (who) => network.disconnect(who),
    cut: (who, direction = 'both') => network.cut(who, direction),
    heal: (who) => network.heal(who),
    freeze(who) {
      for (const links of named(who)) links.freeze()
    },
    stall(who) {
      for (const links of named(who)) links.stall()
    },
    thaw(who) {
      for (const links of named(who)) links.thaw()
    },
    kill(who) {
      for (const links of named(who)) links.kill()
    },
    loseLogSuffix: (shard, count) => stores.log(shard).loseSuffix(count),
  }
}
