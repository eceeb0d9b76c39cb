import {
  createMemoryBroker,
  type Links,
  type MemoryBroker,
  systemClock,
  systemRandom,
} from '@covey/transport'
import { type Client, connect, defineWorkflow, type MetricsOptions, type RunningNode, startNode } from 'covey'
import { type Answered, ask } from '../harness/ask.js'
import { seriesOf } from './scrape.js'

export const cluster = 'measured'

/** Twice its input. */
export const double = defineWorkflow({
  ...{ name: 'double', version: '1' },
  run: async ({ input }) => Number(input) * 2,
})
/** Fails twice. */
export const fail = defineWorkflow({
  ...{ name: 'fail', version: '1', retry: { attempts: 2, backoff: '1 ms' } },
  run: async () => Promise.reject(new Error('no')),
})

/** One node that is measured, in the memory of this process, on the machine's own clock. */
export class MeasuredCluster {
  readonly broker: MemoryBroker = createMemoryBroker({ clock: systemClock, random: systemRandom, cluster })
  readonly #links: Links = this.broker.open('n1')
  #node: RunningNode | undefined
  #client: Client | undefined

  get node(): RunningNode {
    if (this.#node === undefined) throw new Error('no node has been started')
    return this.#node
  }

  async start(metrics: MetricsOptions | null = { port: 0 }): Promise<RunningNode> {
    this.#node = await startNode({
      ...{ name: 'n1', cluster, links: this.#links, slots: 2, workflows: [double, fail], logger: 'silent' },
      ...(metrics && { metrics }),
    })
    return this.#node
  }

  async client(): Promise<Client> {
    this.#client ??= await connect({ links: this.broker.open('client'), cluster })
    return this.#client
  }

  ask(path: string): Promise<Answered> {
    return ask(new URL(path, this.node.metricsUrl).href)
  }

  async statusOf(path: string): Promise<number> {
    return (await this.ask(path)).status
  }

  async scrape(): Promise<Map<string, number>> {
    return seriesOf((await this.ask('/metrics')).text)
  }

  /** The value of one series; `labels` are those beside node and cluster, and end with a comma. */
  async valueOf(name: string, labels = ''): Promise<number | undefined> {
    return (await this.scrape()).get(`${name}{${labels}cluster="${cluster}",node="n1"}`)
  }

  async close(): Promise<void> {
    await this.#client?.close()
    await this.#node?.close()
    await this.#links.close()
  }
}
