import { CoveyError, departedFact } from '@covey/protocol'
import { Chance } from '@covey/simulator'
import { delay, type Links } from '@covey/transport'
import type { Client } from 'covey'
import type { JobWorld } from './job-world.js'

type Steps = Record<string, { name: string; input: unknown; after?: string[] }>

/** What can go wrong in a storm; each name is a method of the storm. */
const faultKinds = [
  'kill',
  'kill and tell',
  'freeze',
  'stop the broker',
  'disconnect',
  'cut off',
  'leave',
  'fill the log',
] as const
type FaultKind = (typeof faultKinds)[number]

/** Random faults in a cluster at work. The seed decides which, when and for how long. */
export class FaultStorm {
  /** Everything that went wrong, to be read beside a failed test. */
  readonly story: string[] = []
  /** Jobs by their id, and what each consists of. */
  readonly jobs = new Map<string, Steps>()
  readonly #cluster: JobWorld
  readonly #client: Client
  readonly #chance: Chance
  readonly #launcher: Links
  readonly #restarts = new Map<string, () => void>()
  readonly #undo = new Map<string, () => void>()

  constructor(cluster: JobWorld, client: Client, seed: number) {
    this.#cluster = cluster
    this.#client = client
    this.#chance = new Chance(seed * 7_919 + 17)
    this.#launcher = cluster.world.broker.open('launcher')
  }

  start(role: 'manager' | 'worker', ...names: string[]): void {
    for (const name of names) {
      this.#restarts.set(name, () => this.#cluster[role](name))
      this.#cluster[role](name)
    }
  }

  /** Lets jobs come and faults happen for some time; then heals everything. */
  async rage(durationMs: number, kinds: readonly FaultKind[] = faultKinds): Promise<void> {
    const { world } = this.#cluster
    const endMs = world.heap.now() + durationMs
    while (world.heap.now() < endMs) {
      this.#submit(`job-${this.jobs.size}`)
      if (this.#chance.hits(0.3)) this.#cancel()
      this.#strike(this.#chance.pick(kinds))
      await world.run(this.#chance.between(300, 2_500))
      this.#supervise()
    }
    await this.#heal()
  }

  /** Submits again what may not have arrived, and waits for the end of every job. */
  async settle(withinMs: number): Promise<void> {
    const { world } = this.#cluster
    const options = { deadlineMs: withinMs }
    const ended = [...this.jobs].map(async ([id, workflows]) => {
      await this.#submitAtLast(id, workflows, options)
      return this.#client.ended(id, options)
    })
    await world.awaiting(Promise.all(ended), withinMs + 5_000)
  }

  /** As a user does: what is refused because the log is full is tried again later (K35). */
  async #submitAtLast(id: string, workflows: Steps, options: { readonly deadlineMs: number }): Promise<void> {
    try {
      await this.#client.submitJob({ id, workflows }, options)
    } catch (error) {
      if (!(error instanceof CoveyError) || error.code !== 'storage_full') throw error
      this.#tell(`${id}: ${error.message}`)
      await delay(this.#cluster.world.heap, 1_000)
      await this.#submitAtLast(id, workflows, options)
    }
  }

  async close(): Promise<void> {
    await this.#cluster.world.awaiting(this.#launcher.close(), 5_000)
  }

  #submit(id: string): void {
    const leaves = Array.from({ length: Math.round(this.#chance.between(1, 3)) }, (_, index) => `s${index}`)
    const workflows: Steps = {}
    for (const leaf of leaves) {
      // Long work is still at it when its worker has been given up, but not stopped yet.
      const ms = Math.round(
        this.#chance.hits(0.3) ? this.#chance.between(4_000, 10_000) : this.#chance.between(10, 2_500),
      )
      const input = { ms, fails: this.#chance.hits(0.15) ? 1 : 0 }
      workflows[leaf] = { name: this.#chance.hits(0.25) ? 'share' : 'sleep', input }
    }
    workflows.sum = { name: 'sleep', input: { ms: 5 }, after: leaves }
    this.jobs.set(id, workflows)
    // Who gets no answer submits again under the same id: see `settle`.
    this.#client.submitJob({ id, workflows }).catch((error: Error) => this.#tell(`${id}: ${error.message}`))
  }

  #cancel(): void {
    const [id, steps] = this.#chance.pick([...this.jobs])
    const only = this.#chance.hits(0.5) ? `/${this.#chance.pick(Object.keys(steps))}` : ''
    this.#tell(`cancel ${id}${only}`)
    this.#client.cancel(`${id}${only}`).catch((error: Error) => this.#tell(`cancel ${id}: ${error.message}`))
  }

  #strike(kind: FaultKind): void {
    const { world } = this.#cluster
    const name = this.#chance.pick([...this.#restarts.keys()])
    const lasting = (longestMs: number, key: string, undo: () => void): void => {
      const ms = this.#chance.between(100, longestMs)
      this.#tell(`${kind} ${key} for ${Math.round(ms)} ms`)
      this.#undo.get(key)?.()
      this.#undo.set(key, undo)
      world.heap.setTimeout(() => {
        if (this.#undo.get(key) === undo) this.#undo.delete(key)
        undo()
      }, ms)
    }
    switch (kind) {
      case 'kill':
      case 'kill and tell':
        this.#kill(name, kind === 'kill and tell')
        break
      case 'freeze':
        if (!this.#cluster.alive().includes(name)) break
        this.#cluster.freeze(name)
        lasting(12_000, name, () => this.#cluster.alive().includes(name) && this.#cluster.thaw(name))
        break
      case 'stop the broker':
        world.broker.stop()
        // Mostly a restart: while it is away, nothing else can go wrong.
        lasting(this.#chance.hits(0.2) ? 10_000 : 500, 'broker', () => world.broker.start())
        break
      case 'disconnect':
        this.#tell(`${kind} ${name}`)
        world.broker.disconnect(this.#chance.hits(0.2) ? 'client' : name)
        break
      case 'cut off':
        world.broker.cut(name, this.#chance.pick(['both', 'toBroker', 'toProcess'] as const))
        lasting(14_000, `${name} `, () => world.broker.heal(name))
        break
      case 'leave':
        this.#leave(name)
        break
      case 'fill the log': {
        const { storeBytesMax } = world.broker.faults
        const { log } = storeBytesMax
        if (log === 0) break
        storeBytesMax.log = 0
        lasting(5_000, 'log', () => {
          storeBytesMax.log = log
        })
      }
    }
  }

  #kill(name: string, isTold: boolean): void {
    if (!this.#cluster.alive().includes(name)) return
    const generation = this.#cluster.find(name).self?.generation
    this.#undo.delete(name)
    this.#cluster.kill(name)
    this.#tell(`kill ${name}${isTold ? ' and tell' : ''}`)
    if (isTold && generation !== undefined) {
      const subject = this.#cluster.world.subjects.fact(name, generation, 'departed')
      const body = { kind: 'exited' as const, by: 'launcher', reason: 'killed' }
      this.#launcher.facts
        .create(subject, departedFact.encode(body))
        .catch((error: Error) => this.#tell(`${name} is not told: ${error.message}`))
    }
    this.#cluster.world.heap.setTimeout(() => this.#restart(name), this.#chance.between(300, 5_000))
  }

  #leave(name: string): void {
    if (!this.#cluster.alive().includes(name) || this.#undo.has(name)) return
    this.#tell(`leave ${name}`)
    void this.#cluster.find(name).leave('maintenance')
  }

  #restart(name: string): void {
    if (!this.#cluster.alive().includes(name)) this.#restarts.get(name)?.()
  }

  /** Starts anew what has ended by itself, as a supervisor does. */
  #supervise(): void {
    for (const name of this.#cluster.alive()) {
      if (this.#cluster.find(name).end !== undefined) this.#restarts.get(name)?.()
    }
  }

  async #heal(): Promise<void> {
    const { world } = this.#cluster
    for (const undo of this.#undo.values()) undo()
    this.#undo.clear()
    Object.assign(world.broker.faults, { lostMessage: 0, lostAcknowledgement: 0 })
    const isHealthy = (): boolean => {
      this.#supervise()
      const nodes = this.#cluster.alive().map((name) => this.#cluster.find(name))
      return (
        nodes.length === this.#restarts.size &&
        nodes.every((node) => node.membership.state() === 'active') &&
        this.#cluster.leaders().length === 1
      )
    }
    await world.until(isHealthy, 90_000)
  }

  #tell(what: string): void {
    this.story.push(`${Math.round(this.#cluster.world.heap.now())} ${what}`)
  }
}
