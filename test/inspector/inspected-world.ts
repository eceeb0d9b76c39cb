import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Inspector, type InspectorOptions, startInspector } from '@covey/inspector'
import { type Links, seededRandom } from '@covey/transport'
import { type Client, connect, defineWorkflow } from 'covey'
import { ClusterWorld, double, sum } from '../covey/cluster-world.js'
import { TestPage } from './test-page.js'

/** Runs until it is cancelled, and says how far it is. */
export const endless = defineWorkflow({
  name: 'endless',
  version: '1',
  timeout: '1 h',
  run: ({ signal, progress }) => {
    progress({ done: 1, of: 2 })
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(null)))
  },
})

/** A cluster in virtual time, with an inspector on a real port of loopback. */
export class InspectedWorld extends ClusterWorld {
  readonly #inspectors: Inspector[] = []
  readonly #pages: TestPage[] = []
  readonly #ownClients: Client[] = []
  readonly #folder = mkdtempSync(join(tmpdir(), 'covey-inspector-'))

  constructor(shards = 1) {
    super(shards)
    writeFileSync(join(this.#folder, 'index.html'), '<!doctype html><title>Inspector</title>')
  }

  /** A manager and two workers that take part. */
  async start(): Promise<void> {
    const workflows = [double, sum, endless]
    const nodes = [
      this.node('m1', ['manager']),
      this.node('w1', ['worker'], workflows),
      this.node('w2', ['worker'], workflows),
    ]
    await this.during(Promise.all(nodes.map(({ ready }) => ready)))
  }

  async inspect(options: Partial<InspectorOptions> = {}): Promise<Inspector> {
    const { links, client } = await this.connect()
    const inspector = await startInspector({
      ...{ client, links, clock: this.clock, wallNow: () => this.clock.now(), folder: this.#folder },
      ...options,
    })
    this.#inspectors.push(inspector)
    return inspector
  }

  async page(inspector: Inspector, query = ''): Promise<TestPage> {
    const page = await TestPage.open(`${inspector.url.replace('http', 'ws')}live${query}`)
    if (typeof page === 'number') throw new Error(`The page was refused: ${page}`)
    this.#pages.push(page)
    return page
  }

  /** Passes virtual time, and real turns with it, until the condition holds. */
  async until(what: string, condition: () => boolean): Promise<void> {
    for (let turn = 0; !condition(); turn += 1) {
      if (turn > 2_000) throw new Error(`In vain waited until ${what}`)
      await this.pass(20)
    }
  }

  override async close(): Promise<void> {
    for (const page of this.#pages) page.close()
    await Promise.all(this.#inspectors.map((inspector) => inspector.close()))
    await Promise.all(this.#ownClients.map((client) => client.close()))
    rmSync(this.#folder, { recursive: true })
    await super.close()
  }

  /** A client of its own, and the links it stands on. */
  async connect() {
    const links: Links = this.open('inspector')
    const client = await connect({
      cluster: this.cluster,
      clock: this.clock,
      random: seededRandom(77),
      links,
    })
    this.#ownClients.push(client)
    return { links, client }
  }
}
