import { brokerServers } from '@covey/transport'
import type { Errand, Question } from './errand.js'
import { JobClient, type JobClientOptions } from './job-client.js'

/** The users of a cluster: of each one process lives at a time. */
export class JobClients {
  readonly #options: Omit<JobClientOptions, 'name' | 'process' | 'onFault'>
  readonly #living: JobClient[]
  readonly #faults: string[] = []
  #deaths = 0

  constructor(count: number, options: Omit<JobClientOptions, 'name' | 'process' | 'onFault'>) {
    this.#options = options
    this.#living = Array.from({ length: count }, (_, index) => {
      const name = `client${index}`
      options.world.broker.servers.place(name, index % brokerServers)
      return this.#start(name)
    })
  }

  /** The process of the first of them. */
  get first(): JobClient | undefined {
    return this.#living[0]
  }

  /** What those who live have begun and have no answer to. */
  get underWay(): readonly string[] {
    return this.#living.flatMap(({ underWay }) => underWay)
  }

  /** The processes that live. */
  get living(): readonly string[] {
    return this.#living.map(({ address }) => address)
  }

  /** Sends who is named on an errand, or all where it is for two; of one that is to die the process is killed. */
  send(errand: Errand): void {
    if (errand.kind === 'die') {
      this.#replace(errand.client)
      return
    }
    const both = errand.kind === 'submit' && errand.twice
    for (const [index, client] of this.#living.entries())
      if (both || index === errand.client) this.#go(client, errand)
  }

  /** What has gone wrong with an errand in a way that no user should see; none is told twice. */
  takeFaults(): readonly string[] {
    return this.#faults.splice(0)
  }

  #go(client: JobClient, question: Question): void {
    client.go(question).catch((error: unknown) => this.#faults.push(`${client.name}: ${String(error)}`))
  }

  /** The process of a client is killed, and its next one goes for what that had no answer to. */
  #replace(index: number): void {
    const client = this.#living[index]
    if (client === undefined) return
    this.#deaths += 1
    const next = this.#start(client.name)
    this.#living[index] = next
    for (const question of client.die()) this.#go(next, question)
  }

  #start(name: string): JobClient {
    const onFault = (what: string): void => {
      this.#faults.push(`${name}: ${what}`)
    }
    return new JobClient({ name, process: this.#deaths + 1, onFault, ...this.#options })
  }
}
