import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { replicatedTimings } from '@covey/protocol'
import {
  type Broker,
  connectLinks,
  findFreePorts,
  type Links,
  type LinksOptions,
  startBroker,
  surveyStreams,
  systemClock,
} from '@covey/transport'
import { eventually } from '../cli/calls.js'
import { freshCluster, linksOptions } from '../nats/nats-world.js'
import type { MakeWorld } from '../transport/transport-world.js'

const host = '127.0.0.1'
const startDeadlineMs = 20_000
const names = ['one', 'two', 'three'] as const

/** One of the three servers. */
export type ServerName = (typeof names)[number]

/** Three nats-servers that are one broker: each keeps its ports and its store when it is killed and started again. */
export class ThreeServers {
  readonly #brokers = new Map<ServerName, Broker>()
  #folder: string | undefined
  #routePorts: readonly number[] = []
  #ports: readonly number[] = []

  /** All of them, with commas between. */
  get urls(): string {
    return this.#ports.map((port) => `nats://${host}:${port}`).join(',')
  }

  get names(): readonly ServerName[] {
    return names
  }

  /** Starts those that do not run, and resolves when JetStream answers. */
  async start(): Promise<void> {
    this.#folder ??= await mkdtemp(join(tmpdir(), 'covey-test-'))
    if (this.#ports.length === 0) {
      const ports = await findFreePorts(host, 2 * names.length)
      this.#ports = ports.slice(0, names.length)
      this.#routePorts = ports.slice(names.length)
    }
    await Promise.all(names.map((name) => this.startOne(name)))
    await eventually('JetStream answers', () => this.#answers(), startDeadlineMs)
  }

  /** Starts one, unless it runs. */
  async startOne(name: ServerName): Promise<void> {
    if (this.#brokers.has(name)) return
    const index = names.indexOf(name)
    const [port, routePort] = [this.#ports[index] ?? 0, this.#routePorts[index] ?? 0]
    const dataDir = join(this.#folder ?? '', name)
    const seat = { name, routePort, routePorts: this.#routePorts }
    this.#brokers.set(name, await startBroker({ dataDir, port, seat, startDeadlineMs, clock: systemClock }))
  }

  /** Kills one with -9, and resolves when its store is free. */
  async killOne(name: ServerName): Promise<void> {
    const broker = this.#brokers.get(name)
    if (broker === undefined) return
    this.#brokers.delete(name)
    const gone = new Promise((resolve) => broker.onExit(resolve))
    process.kill(broker.pid, 'SIGKILL')
    await gone
  }

  /** Kills all of them at once. */
  async kill(): Promise<void> {
    await Promise.all(names.map((name) => this.killOne(name)))
  }

  /** Ends them and removes their files. */
  async remove(): Promise<void> {
    await Promise.all([...this.#brokers.values()].map((broker) => broker.stop()))
    this.#brokers.clear()
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true })
  }

  /** Links whose streams have a copy on each of the three. */
  options(cluster: string, name = 'n'): LinksOptions {
    return { ...linksOptions(this.urls, cluster, name), timings: replicatedTimings, replicas: 3 }
  }

  async #answers(): Promise<boolean> {
    try {
      const links = await connectLinks({ ...this.options('ready'), ensureStreams: false })
      await links.close()
      return true
    } catch {
      return false // They have not agreed on who leads: the next look finds them further.
    }
  }
}

/** Three servers that run for the tests of the surrounding `describe`. */
export function useThreeServers(): ThreeServers {
  const servers = new ThreeServers()
  beforeEach(() => servers.start())
  after(() => servers.remove())
  return servers
}

/** Resolves when each stream of a cluster has a leader again: the servers agree on each by itself. */
async function agreed({ control }: Links, cluster: string): Promise<void> {
  await eventually('the streams have leaders', async () => {
    const streams = await surveyStreams(control, cluster, 2).catch(() => undefined)
    return streams !== undefined
  })
}

/** Hundreds of streams, each of which the servers would agree on at every start, belong to no cluster that anybody has. */
async function removeStreams(links: Links, cluster: string): Promise<void> {
  const streams = await surveyStreams(links.control, cluster, 2)
  for (const stream of streams.keys())
    await links.control.request(`$JS.API.STREAM.DELETE.${stream}`, new Uint8Array(0), 10_000)
  await links.close()
}

/** Worlds for the contract suites: each is a cluster of its own on the three servers, all of which are killed with -9 at once. */
export const replicatedWorlds =
  (servers: ThreeServers): MakeWorld =>
  async () => {
    const cluster = freshCluster()
    const opened: Links[] = []
    return {
      cluster,
      async open(name) {
        const links = await connectLinks(servers.options(cluster, name))
        opened.push(links)
        return links
      },
      stopBroker: () => servers.kill(),
      async startBroker() {
        await servers.start()
        for (const links of opened) await agreed(links, cluster)
      },
      async close() {
        await Promise.all(opened.map((links) => links.close()))
        // A test may have left them ended.
        await servers.start()
        await removeStreams(
          await connectLinks({ ...servers.options(cluster), ensureStreams: false }),
          cluster,
        )
      },
    }
  }
