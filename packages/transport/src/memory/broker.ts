import { checkShards } from '../agreed-shards.js'
import type { Stop } from '../bus.js'
import type { Clock } from '../clock.js'
import type { Links } from '../links.js'
import type { LogEntry } from '../log.js'
import type { Random } from '../random.js'
import type { BrokerDoor } from './connection.js'
import { type BusTraffic, MemoryExchange } from './exchange.js'
import { between, type MemoryFaults, mildFaults } from './faults.js'
import { MemoryLinks } from './links.js'
import { type CutDirection, Network } from './network.js'
import { ProcessGate } from './process-gate.js'
import { ServerMesh } from './server-mesh.js'
import { MemoryStores } from './stores.js'

/** What a memory broker is made of. */
export interface MemoryBrokerOptions {
  readonly clock: Clock
  readonly random: Random
  readonly cluster: string
  /** Shards of the cluster, 1 to 64. Default 1. */
  readonly shards?: number
  /** How unkind it is, where it is to be more so than {@link mildFaults}. */
  readonly faults?: Partial<MemoryFaults>
  /** Whether a process, by its name, may publish on a subject, as the users of a real broker do. Default: it may. */
  readonly mayPublish?: (name: string, subject: string) => boolean
}

/**
 * A broker for one cluster inside this process, as unkind as a real one (K51). Processes are named as they were opened,
 * by name (all generations of it) or by `name-generation`.
 */
export interface MemoryBroker {
  /** May be changed at any time. */
  readonly faults: MemoryFaults
  /** The servers that it consists of; all hear each other, until they are told not to. */
  readonly servers: ServerMesh
  readonly traffic: Readonly<BusTraffic>
  /**
   * How many timers of the clock have rung for nothing but that something arrived at the broker: what that sets off ends at
   * once, and comes to no process before the clock moves on.
   */
  readonly turns: number
  /** Interests held: subscriptions, of all connections. Nothing is left where all links are closed. */
  readonly interests: number
  /**
   * Links of one process; up at once unless the broker is stopped or the process is cut off.
   * @param processClock of a process of its own, by which they say since when they are up; default: it is the broker's
   */
  open(name: string, generation?: string, processClock?: Clock): Links
  /** Every connection ends. The stores survive. */
  stop(): void
  start(): void
  /** Ends the connections of a process from the broker's side; it dials again (a slow consumer, a stale connection). */
  disconnect(who: string): void
  /**
   * Nothing goes through in these directions, and dials are swallowed, until `heal`. What is under way waits; both sides
   * give the connection up after `faults.cutNoticedAfterMs`, and what waited is lost.
   */
  cut(who: string, direction?: CutDirection): void
  heal(who: string): void
  /** Each hop of the processes of a name takes so much longer, until it is 0 again. */
  slow(name: string, extraMs: number): void
  /** SIGSTOP: callbacks, answers and news of the process are held, and its pulse is. */
  freeze(who: string): void
  /** Its event loop is blocked: the same, but the pulse goes on. */
  stall(who: string): void
  /** SIGCONT, or the loop turns again: what was held is told, late and in order. */
  thaw(who: string): void
  /** SIGKILL: it hears nothing more. What it has sent still lands; later, if it was cut off before and is healed after. */
  kill(who: string): void
  /**
   * Tells what a shard's log holds and every entry as it is stored, past all that goes wrong: for who judges, not for who
   * takes part. `wentBack` is told where the log ends when a copy was put back.
   */
  tapLog(shard: number, tell: (entry: LogEntry) => void, wentBack?: (tail: number) => void): Stop
  /** Subjects of all that the object store holds: for who judges, as above. */
  objectNames(): readonly string[]
  /**
   * Takes a copy of the stores of work as they are now: logs, outbox and objects, and no facts. What it answers puts the
   * copy back; what was acknowledged since then is gone (K11). Put back where the broker is stopped, as a real one is.
   */
  copyWork(): () => void
  /** The last `count` entries of a shard's log are gone, acknowledged as they were (K11). */
  loseLogSuffix(shard: number, count: number): void
  /** The same of the facts. */
  loseFactsSuffix(count: number): void
}

/** Of so many servers a broker consists, as far as anybody cuts them off from each other. */
export const brokerServers = 5

/** Makes a broker that lives in this process and dies with it. Throws `invalid_options`. */
export function createMemoryBroker(options: MemoryBrokerOptions): MemoryBroker {
  const { clock, random, cluster, shards = 1 } = options
  checkShards(shards)
  const faults: MemoryFaults = {
    ...mildFaults,
    ...options.faults,
    storeBytesMax: { ...mildFaults.storeBytesMax, ...options.faults?.storeBytesMax },
  }
  const network = new Network({
    clock,
    latencyMs: () => between(random, faults.latencyMinMs, faults.latencyMaxMs),
    cutNoticedAfterMs: () => faults.cutNoticedAfterMs,
  })
  const stores = new MemoryStores(cluster, faults, () => clock.now())
  const electionMs = (): number => between(random, faults.electionMaxMs / 2, faults.electionMaxMs)
  const servers = new ServerMesh({ clock, servers: brokerServers, electionMs })
  const accept: BrokerDoor['accept'] = (gate, onEnd) => network.accept(gate, onEnd)
  const mayPublish = options.mayPublish ?? (() => true)
  const door: BrokerDoor = { clock, random, faults, servers, mayPublish, accept }
  const exchange = new MemoryExchange(stores, servers)
  const all = new Set<MemoryLinks>()
  const named = (who: string): MemoryLinks[] => [...all].filter(({ gate }) => gate.isNamed(who))
  let opened = 0
  return {
    faults,
    servers,
    traffic: exchange.traffic,
    get turns() {
      return network.brokerTurns
    },
    get interests() {
      return exchange.size
    },
    open(name, generation, processClock) {
      opened += 1
      const address = generation === undefined ? name : `${name}-${generation}`
      const links = new MemoryLinks({
        newGate: () => new ProcessGate({ name, address, clock, processClock: processClock ?? clock }),
        ...(processClock === undefined && { clock }),
        door,
        exchange,
        stores,
        shards,
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
    slow: (name, extraMs) => network.slow(name, extraMs),
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
    tapLog: (shard, tell, wentBack = () => undefined) => stores.log(shard).tap(tell, wentBack),
    ...{ objectNames: () => stores.objectNames(), copyWork: () => stores.copyWork() },
    loseFactsSuffix: (count) => stores.facts.loseSuffix(count),
    loseLogSuffix: (shard, count) => stores.log(shard).loseSuffix(count),
  }
}
