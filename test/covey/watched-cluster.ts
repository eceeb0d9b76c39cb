import type { Transition } from '@covey/protocol'
import type { Client, TransitionFilter } from 'covey'
import { ClientWorld } from './client-world.js'
import { WatchedNode } from './watched-node.js'

/** Transitions, each in a few words. */
export const lines = (seen: readonly Transition[]): string[] =>
  seen.map(({ actor, from, to }) => `${actor} ${from}>${to}`)

/** Nodes whose transitions a client follows, and what it is told. */
export class WatchedCluster {
  readonly world: ClientWorld
  readonly client: Client
  readonly #nodes: WatchedNode[] = []

  private constructor(world: ClientWorld, client: Client) {
    this.world = world
    this.client = client
  }

  static async open(): Promise<WatchedCluster> {
    const world = new ClientWorld()
    return new WatchedCluster(world, await world.client())
  }

  async node(name: string, generation = 1, sequence = 0, leads = [0]): Promise<WatchedNode> {
    const made = new WatchedNode(this.world, name, generation, sequence)
    made.leads = leads
    this.#nodes.push(made)
    return made.join()
  }

  /** All that a new follower is told, as it comes. */
  watch(filter?: TransitionFilter): Transition[] {
    const seen: Transition[] = []
    this.client.transitions(filter).subscribe((transition) => seen.push(transition))
    return seen
  }

  /** Messages from node to client are lost while it runs. */
  async losing(act: () => void): Promise<void> {
    this.world.broker.faults.lostMessage = 1
    act()
    await this.world.pass(10)
    this.world.broker.faults.lostMessage = 0
  }

  async close(): Promise<void> {
    for (const made of this.#nodes) made.close()
    await this.world.close()
  }
}
