import { type ActorSystem, createActorSystem } from '@covey/engine'
import {
  activeFact,
  createSubjects,
  departedFact,
  type FoldedPlace,
  joinedFact,
  singleServerTimings,
  watchState,
} from '@covey/protocol'
import { type Bus, type Links, seededRandom } from '@covey/transport'
import { type ActorState, createWatchPart, type FoldedSource, TransitionFeed } from 'covey/assembly'
import type { ClientWorld } from './client-world.js'

type Heard = Parameters<Parameters<FoldedSource['onTransition']>[0]>[0]

/** A node that can be watched and does nothing else: its charts move when the test says so. */
export class WatchedNode implements FoldedSource {
  readonly charts = new Map<string, ActorState>()
  leads: readonly number[] = [0]
  readonly name: string
  readonly generation: number
  /** Its own actors, which can be watched as well. */
  readonly system: ActorSystem
  /** How many actors each part held that it told of its state, and when. */
  readonly parts: { readonly atMs: number; readonly actors: number }[] = []
  readonly #world: ClientWorld
  readonly #links: Links
  readonly #listeners = new Set<(transition: Heard) => void>()
  readonly #part
  #sequence: number

  constructor(world: ClientWorld, name: string, generation = 1, sequence = 0) {
    this.name = name
    this.generation = generation
    this.#world = world
    this.#sequence = sequence
    this.#links = world.open(name)
    const { clock, cluster } = world
    const system = createActorSystem({ node: name, clock })
    this.system = system
    this.#notePartsOf(this.#links.data)
    const env = {
      system,
      links: this.#links,
      subjects: createSubjects(cluster),
      clock,
      random: seededRandom(1),
      timings: singleServerTimings,
      notice: () => undefined,
    }
    this.#part = createWatchPart(env, { feed: new TransitionFeed(system, this), leads: () => this.leads })
  }

  /** Joins as a node does: opened before the fact that it is active. */
  async join(): Promise<this> {
    const { facts } = this.#links
    const subjects = createSubjects(this.#world.cluster)
    const bootId = `boot-${this.name}-${this.generation}-0123456789`
    const joined = { bootId, host: 'here', pid: 1, roles: [], slots: 0, version: '0', since: '' }
    await this.#world.during(
      facts.create(subjects.fact(this.name, this.generation, 'joined'), joinedFact.encode(joined)),
    )
    this.#part.open({ nodeId: this.name, generation: this.generation, bootId })
    await this.#world.during(
      facts.create(subjects.fact(this.name, this.generation, 'active'), activeFact.encode({ bootId })),
    )
    return this
  }

  async depart(): Promise<void> {
    const subject = createSubjects(this.#world.cluster).fact(this.name, this.generation, 'departed')
    this.#part.close()
    await this.#world.during(
      this.#links.facts.create(subject, departedFact.encode({ kind: 'left', by: this.name })),
    )
  }

  /** Moves a chart, at the next place of the log unless another is given. */
  move(actor: string, state: string, sequence = this.#sequence + 1): void {
    this.#sequence = sequence
    const at = { shard: this.leads[0] ?? 0, sequence, index: 0 }
    const from = this.charts.get(actor)?.state ?? ''
    this.charts.set(actor, { kind: 'workflow', actor, state, at })
    for (const listener of this.#listeners) {
      listener({ kind: 'workflow', actor, state, at, from, event: 'moved', elapsedMs: 1 })
    }
  }

  /** Lets go of charts by one entry of the log, as retention does. */
  letGo(...actors: string[]): void {
    this.#sequence += 1
    const at = { shard: this.leads[0] ?? 0, sequence: this.#sequence, index: 0 }
    for (const actor of actors) {
      const from = this.charts.get(actor)?.state ?? ''
      this.charts.delete(actor)
      for (const listener of this.#listeners) {
        listener({ kind: 'workflow', actor, state: '', at, from, event: '', elapsedMs: 1 })
      }
    }
  }

  /** How many are told of its transitions. */
  get watchers(): number {
    return this.#part.watches
  }

  states(): Iterable<ActorState> {
    return this.leads.length > 0 ? this.charts.values() : []
  }

  places(): FoldedPlace[] {
    return this.leads.map((shard) => ({ shard, streamEpoch: 1, sequence: this.#sequence }))
  }

  onTransition(listener: (transition: Heard) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): void {
    this.#part.close()
    this.system.stopAll()
  }

  #notePartsOf(bus: Bus): void {
    const publish = bus.publish.bind(bus)
    bus.publish = (subject, data, reply) => {
      if (reply === undefined && !subject.includes('.transition')) {
        const { actors } = watchState.decode(data)
        this.parts.push({ atMs: this.#world.clock.now(), actors: actors.length })
      }
      return publish(subject, data, reply)
    }
  }
}
