import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { singleServerTimings } from '@covey/protocol'
import {
  type Broker,
  connectLinks,
  type Links,
  type LinksOptions,
  startBroker,
  systemClock,
  systemRandom,
} from '@covey/transport'
import { eventually, type MakeWorld } from '../transport/transport-world.js'

const startDeadlineMs = 8_000

/** The states of a process's threads, by their letters; nothing where the system does not tell (only Linux does). */
function threadStates(pid: number): string[] {
  const tasks = `/proc/${pid}/task`
  if (!existsSync(tasks)) return []
  return readdirSync(tasks).map((thread) => {
    const stat = readFileSync(join(tasks, thread, 'stat'), 'utf8')
    // The name before it, in brackets, may have any letters.
    return stat.charAt(stat.lastIndexOf(')') + 2)
  })
}

/** A broker for the tests of one file: it keeps its port and its store when it is killed and started again. */
export class TestBroker {
  #dataDir: string | undefined
  #port: number | undefined
  #broker: Broker | undefined

  get url(): string {
    return `nats://127.0.0.1:${this.#port}`
  }

  get pid(): number {
    if (this.#broker === undefined) throw new Error('The broker does not run')
    return this.#broker.pid
  }

  /** Starts it unless it runs. */
  async start(): Promise<void> {
    if (this.#broker !== undefined) return
    this.#dataDir ??= await mkdtemp(join(tmpdir(), 'covey-test-'))
    this.#broker = await startBroker({
      dataDir: this.#dataDir,
      startDeadlineMs,
      clock: systemClock,
      ...(this.#port === undefined ? {} : { port: this.#port }),
    })
    this.#port ??= Number(new URL(this.#broker.url).port)
  }

  /** Kills it with -9, and resolves when its store is free. */
  async kill(): Promise<void> {
    const broker = this.#broker
    if (broker === undefined) return
    this.#broker = undefined
    const gone = new Promise((resolve) => broker.onExit(resolve))
    process.kill(broker.pid, 'SIGKILL')
    await gone
  }

  /** Stops it where it is (SIGSTOP): on a busy machine some of its threads go on for a while, and may still answer. */
  async freeze(): Promise<void> {
    const { pid } = this
    process.kill(pid, 'SIGSTOP')
    await eventually('all threads of the broker have stopped', () =>
      threadStates(pid).every((state) => state === 'T'),
    )
  }

  thaw(): void {
    process.kill(this.pid, 'SIGCONT')
  }

  /** Ends it in order, and resolves when its store is free and its copy is made. */
  async copyStore(): Promise<void> {
    await this.#broker?.stop()
    this.#broker = undefined
    await cp(this.#store, this.#copy, { recursive: true })
  }

  /** Puts the copy in the place of the store, with the broker ended. */
  async putCopyBack(): Promise<void> {
    await rm(this.#store, { recursive: true })
    await cp(this.#copy, this.#store, { recursive: true })
  }

  get #store(): string {
    return join(this.#dataDir ?? '', 'store')
  }

  get #copy(): string {
    return `${this.#dataDir}-copy`
  }

  /** Ends it and removes its files. */
  async remove(): Promise<void> {
    await this.#broker?.stop()
    this.#broker = undefined
    if (this.#dataDir === undefined) return
    for (const folder of [this.#dataDir, this.#copy]) await rm(folder, { recursive: true, force: true })
  }
}

/** A broker that runs for the tests of the surrounding `describe`, or of the file. */
export function useBroker(): TestBroker {
  const broker = new TestBroker()
  beforeEach(() => broker.start())
  after(() => broker.remove())
  return broker
}

/** Options for links to a test's broker: those of a client, since only a node has a pulse, whose thread takes its time. */
export const linksOptions = (servers: string, cluster: string, name = 'n'): LinksOptions => ({
  servers,
  cluster,
  name,
  role: 'client',
  shards: 2,
  clock: systemClock,
  random: systemRandom,
  timings: singleServerTimings,
  ensureStreams: true,
})

/** A cluster's name that no other test uses. */
export const freshCluster = (): string => `test_${systemRandom.id()}`

/** Worlds for the contract suites: each is a cluster of its own on one broker, whose loss is a kill with -9. */
export const natsWorlds =
  (broker: TestBroker): MakeWorld =>
  async () => {
    const cluster = freshCluster()
    const opened: Links[] = []
    return {
      cluster,
      async open(name) {
        const links = await connectLinks(linksOptions(broker.url, cluster, name))
        opened.push(links)
        return links
      },
      stopBroker: () => broker.kill(),
      startBroker: () => broker.start(),
      async close() {
        await Promise.all(opened.map((links) => links.close()))
      },
    }
  }
