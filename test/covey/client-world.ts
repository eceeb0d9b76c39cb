import { HeapClock } from '@covey/engine'
import { createMemoryBroker, type Links, type MemoryBroker, type Stop, seededRandom } from '@covey/transport'
import { type Client, type ClientOptions, connect } from 'covey'
import { accepting, type Script, ScriptedLeader } from './scripted-leader.js'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A memory broker under virtual time with a scripted leader and clients. */
export class ClientWorld {
  readonly cluster = 'test'
  readonly clock = new HeapClock()
  readonly broker: MemoryBroker
  readonly #links: Links[] = []
  readonly #clients: Client[] = []
  #seed = 1

  /** @param mayPublish what the broker lets the process of a name say; by default everything */
  constructor(shards = 1, mayPublish: (name: string, subject: string) => boolean = () => true) {
    this.broker = createMemoryBroker({
      ...{ clock: this.clock, random: seededRandom(1), cluster: 'test', shards, mayPublish },
      faults: { latencyMinMs: 0.1, latencyMaxMs: 1 },
    })
  }

  open(name: string): Links {
    // A process of its own, with a wall clock of its own.
    const links = this.broker.open(name, undefined, this.clock)
    this.#links.push(links)
    return links
  }

  leader(script: Script = accepting, name = 'leader'): ScriptedLeader {
    return new ScriptedLeader(this.open(name), this.cluster, script)
  }

  async client(options: ClientOptions = {}): Promise<Client> {
    this.#seed += 1
    const random = seededRandom(this.#seed)
    const links = this.open(`client-${this.#seed}`)
    const client = await connect({ cluster: this.cluster, clock: this.clock, random, ...options, links })
    this.#clients.push(client)
    return client
  }

  /** Moves virtual time on, one due time a turn of the event loop, so that promises keep up with timers. */
  async pass(durationMs: number): Promise<void> {
    const endMs = this.clock.now() + durationMs
    await turn()
    for (let next = this.clock.next(); next !== undefined && next <= endMs; next = this.clock.next()) {
      this.clock.runUntil(next)
      await turn()
    }
    this.clock.runUntil(endMs)
  }

  /** Runs virtual time until the promise settles. */
  async during<Value>(promise: Promise<Value>): Promise<Value> {
    let isPending = true
    const end: Stop = () => {
      isPending = false
    }
    promise.then(end, end)
    for (await turn(); isPending; await turn()) {
      const next = this.clock.next()
      if (next === undefined) throw new Error('Nothing is due any more, and the promise has not settled')
      this.clock.runUntil(next)
    }
    return promise
  }

  /** Closes everything; fails where a timer or a subscription is left behind. */
  async close(): Promise<void> {
    for (const client of this.#clients) await client.close()
    await this.during(Promise.all(this.#links.map((links) => links.close())))
    // What waits to try again finds that it is over.
    await this.pass(1_000)
    if (this.clock.size > 0) throw new Error(`${this.clock.size} timers are left behind`)
    if (this.broker.interests > 0) throw new Error(`${this.broker.interests} subscriptions are left behind`)
  }
}

/** The error that a promise rejects with; fails when it resolves. */
export const rejection = (promise: Promise<unknown>): Promise<Error & { code?: string }> =>
  promise.then(
    (value) => {
      throw new Error(`The promise was expected to reject, and resolved with ${JSON.stringify(value)}`)
    },
    (error: Error) => error,
  )
