import type { Stop } from '../bus.js'
import type { Clock } from '../clock.js'
import type { ProcessGate } from './process-gate.js'

/** From one server to another, in this direction only. */
export type ServerLink = readonly [from: number, to: number]

/** What a mesh is made of. */
export interface ServerMeshOptions {
  readonly clock: Clock
  /** How many servers the broker consists of: the stores need more than half of them. */
  readonly servers: number
  /** How long the stores are away while those who hold them agree on a leader. */
  readonly electionMs: () => number
}

/**
 * The servers that a broker consists of, and which of them hear each other. A message goes from the server of its sender
 * to that of its receiver and never over a third, as in a NATS cluster. The stores live where their leader is: a server
 * that more than half of all can speak with. A process that was placed nowhere hears everybody.
 */
export class ServerMesh {
  readonly #options: ServerMeshOptions
  readonly #placeOf = new Map<string, number>()
  readonly #listeners = new Set<() => void>()
  #severed = new Set<string>()
  #leader: number | undefined = 0
  #electing: unknown

  constructor(options: ServerMeshOptions) {
    this.#options = options
  }

  /** Whether all servers hear each other. */
  get isWhole(): boolean {
    return this.#severed.size === 0
  }

  /** Attaches all processes of a name to a server. */
  place(name: string, server: number): void {
    this.#placeOf.set(name, server)
  }

  /** Nothing goes through on these links, in place of those that were severed before. Without any, all is well again. */
  sever(links: readonly ServerLink[]): void {
    this.#severed = new Set(links.map(([from, to]) => `${from}>${to}`))
    this.#elect()
    this.#tell()
  }

  /** Whether what one process sends comes to where the other one is attached. */
  reaches(from: ProcessGate, to: ProcessGate): boolean {
    return this.isWhole || this.#passes(this.#placeOf.get(from.name), this.#placeOf.get(to.name))
  }

  /** Whether the stores hear a process. */
  storesHear({ name }: ProcessGate): boolean {
    return this.#leader !== undefined && this.#passes(this.#placeOf.get(name), this.#leader)
  }

  /** Whether a process hears the stores. */
  storesReach({ name }: ProcessGate): boolean {
    return this.#leader !== undefined && this.#passes(this.#leader, this.#placeOf.get(name))
  }

  /** Calls back when the stores may be within reach that were not, so that who follows them begins anew. */
  onChange(listener: () => void): Stop {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener()
  }

  #passes(from: number | undefined, to: number | undefined): boolean {
    return from === undefined || to === undefined || !this.#severed.has(`${from}>${to}`)
  }

  #holdsMajority(server: number): boolean {
    const all = Array.from({ length: this.#options.servers }, (_, other) => other)
    const heard = all.filter((other) => this.#passes(server, other) && this.#passes(other, server))
    return heard.length > all.length / 2
  }

  #elect(): void {
    if (this.#leader !== undefined && this.#holdsMajority(this.#leader)) return
    this.#leader = undefined
    this.#options.clock.clearTimeout(this.#electing)
    this.#electing = this.#options.clock.setTimeout(() => {
      const all = Array.from({ length: this.#options.servers }, (_, server) => server)
      this.#leader = all.find((server) => this.#holdsMajority(server))
      if (this.#leader !== undefined) this.#tell()
    }, this.#options.electionMs())
  }
}
