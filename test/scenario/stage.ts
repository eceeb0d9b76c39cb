import { byeMessage, type GoodbyeReason, gossipMessage, type NewsKind } from '@covey/protocol'
import { createWorld, type NodeOptions, type SimulatedNode, type SimulatedWorld } from '@covey/simulator'
import type { MemoryFaults } from '@covey/transport'

/** Six worlds a scenario in `npm test`, as many as `SEEDS` says, or the one of `SEED`, which failed. */
const seeds = process.env.SEED
  ? [Number(process.env.SEED)]
  : Array.from({ length: Number(process.env.SEEDS ?? 6) }, (_, index) => index + 1)

/** Messages are lost and late. */
export const breeze: Partial<MemoryFaults> = { latencyMaxMs: 20, lostMessage: 0.05 }
/** Writes and acknowledgements are lost as well, and reads are old: everything takes longer, and ends the same. */
export const storm: Partial<MemoryFaults> = {
  ...{ latencyMaxMs: 50, lostMessage: 0.2, lostWrite: 0.1, lostAcknowledgement: 0.1, staleRead: 0.2 },
  acknowledgementTimeoutMs: 200,
}

/** Clocks of nodes lie up to this far apart: no scenario may notice. */
const skewMaxMs = 1_200_000

/** How often it is looked whether all see what they are to see. */
const lookMs = 10

/** What one node is to see of others: `here` is active, `gone` is departed or not known. */
export type Sight = Readonly<Record<string, Readonly<Record<string, 'here' | 'gone'>>>>

/** A simulated cluster as the scenarios speak of it: nodes by their names, and who is to see whom. */
export class Stage {
  readonly world: SimulatedWorld

  constructor(seed: number, weather: Partial<MemoryFaults>) {
    this.world = createWorld({
      seed,
      faults: weather,
      hasUsers: true,
      nodes: { roles: ['manager', 'worker'] },
    })
  }

  /** The last process that was started under a name. */
  node(name: string): SimulatedNode {
    const node = this.world.nodes.findLast((candidate) => candidate.name === name)
    if (node === undefined) throw new Error(`no node ${name}`)
    return node
  }

  start(name: string, options: NodeOptions = {}): SimulatedNode {
    const { heap, random } = this.world
    return this.world.node(name, { clockOriginMs: heap.now() + random.next() * skewMaxMs, ...options })
  }

  /** Starts nodes at once; all are to see each other within a time. */
  async forms(names: readonly string[], withinMs: number): Promise<void> {
    for (const name of names) this.start(name)
    await this.knows(names, withinMs)
  }

  /** All of these see each other active. */
  async knows(names: readonly string[], withinMs: number): Promise<number> {
    const others = (name: string) =>
      Object.fromEntries(names.filter((other) => other !== name).map((other) => [other, 'here' as const]))
    return this.sees(Object.fromEntries(names.map((name) => [name, others(name)])), withinMs)
  }

  /** Answers after how many milliseconds all see what they are to see; throws after `withinMs`. */
  async sees(sight: Sight, withinMs: number): Promise<number> {
    const startMs = this.world.heap.now()
    for (let wrong = this.#wrong(sight); wrong !== undefined; wrong = this.#wrong(sight)) {
      if (this.world.heap.now() - startMs >= withinMs) throw new Error(`${wrong} within ${withinMs} ms`)
      await this.world.run(lookMs)
    }
    return this.world.heap.now() - startMs
  }

  /** As long as this all go on seeing it, at every moment; who is here may be suspect for a moment, in a wind. */
  async holds(sight: Sight, durationMs: number): Promise<void> {
    const startMs = this.world.heap.now()
    const look = (): string | undefined => this.#wrong(sight, ['active', 'suspect'])
    const wrong = await this.world.until(() => look() !== undefined, durationMs).then(look, () => undefined)
    if (wrong !== undefined) throw new Error(`${wrong} after ${this.world.heap.now() - startMs} ms`)
  }

  run(durationMs: number): Promise<void> {
    return this.world.run(durationMs)
  }

  goodbye(name: string, reason: GoodbyeReason = 'graceful_shutdown'): void {
    void this.node(name).leave(reason)
  }

  /** Its goodbye is over for itself, and its process has ended. */
  async shutDown(name: string, withinMs = 11_000): Promise<void> {
    const node = this.node(name)
    await this.world.awaiting(
      node.leave().then(() => node.close()),
      withinMs,
    )
  }

  /** The same process comes back, once its goodbye is over. */
  async rejoin(name: string, withinMs = 11_000): Promise<void> {
    const node = this.node(name)
    await this.world.awaiting(node.leave(), withinMs)
    node.rejoin()
  }

  /** A goodbye of a generation comes, perhaps again and late. */
  echo(name: string, generation: number): void {
    this.#late(name, 'bye', byeMessage.encode({ generation, reason: 'maintenance' }))
  }

  /** A sign of life of a generation comes, perhaps again and late. */
  alive(name: string, generation: number): void {
    this.#late(name, 'gossip', gossipMessage.encode({ generation, incarnation: 99, state: 'active' }))
  }

  /** How often a node has dialled others: its links to the broker are connections too, and no sessions. */
  dials(observer: string, peer = ''): number {
    const session = `connection.${peer}`
    return this.node(observer).transitions.filter(
      ({ to, actor }) => to === 'dialing' && (peer === '' ? actor.startsWith(session) : actor === session),
    ).length
  }

  sessions(observer: string): string[] {
    return this.node(observer)
      .env.system.addresses()
      .filter((address) => address.startsWith('connection.'))
  }

  /** How the generations of one node ended, as another was told: `s2.1 left`. */
  ends(observer: string, name: string): string[] {
    return this.node(observer).endings.filter((ending) => ending.startsWith(`${name}.`))
  }

  #late(name: string, kind: NewsKind, frame: Uint8Array): void {
    const { broker, subjects } = this.world
    const links = broker.open(name, 'late')
    links.control.publish(subjects.news(kind, name), frame)
    void links.close()
  }

  #wrong(sight: Sight, present: readonly string[] = ['active']): string | undefined {
    for (const [observer, wanted] of Object.entries(sight)) {
      for (const [name, state] of Object.entries(wanted)) {
        const seen = this.node(observer).members.find(name)?.state
        const isSo =
          state === 'here' ? present.includes(seen ?? '') : seen === undefined || seen === 'departed'
        if (!isSo) return `${observer} sees ${name} ${seen ?? 'not at all'} and not ${state}`
      }
    }
    return undefined
  }
}

/** A scenario, played under every seed. What fails names the seed: `SEED=7` plays it alone. */
export function scenario(
  title: string,
  weather: Partial<MemoryFaults>,
  play: (stage: Stage, seed: number) => Promise<void>,
): void {
  it(`${title} (${seeds.length} seeds)`, async function () {
    // Much to compute, on a machine that may be busy.
    this.timeout(60_000)
    for (const seed of seeds) {
      const stage = new Stage(seed, { latencyMinMs: 0, ...weather })
      try {
        await play(stage, seed)
        await stage.world.close()
      } catch (error) {
        throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        })
      }
    }
  })
}
