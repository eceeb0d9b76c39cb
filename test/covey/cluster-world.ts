import type { Environment, Keeping, LoadTerms } from '@covey/actors'
import { type ActorSystem, createActorSystem } from '@covey/engine'
import { createSubjects, type Role, singleServerTimings } from '@covey/protocol'
import { seededRandom } from '@covey/transport'
import { type AnyWorkflow, defineWorkflow, type RunningNode } from 'covey'
import { assembleNode, LastLetters, nodeTracing } from 'covey/assembly'
import { ClientWorld } from './client-world.js'

/** Twice its input. */
export const double = defineWorkflow({
  name: 'double',
  version: '1',
  run: async ({ input }) => Number(input) * 2,
})
/** Adds up what its dependencies have made. */
export const sum = defineWorkflow({
  name: 'sum',
  version: '1',
  run: async ({ results, progress }) => {
    progress({ of: Object.keys(results).length })
    return Object.values(results).reduce<number>((total, value) => total + Number(value), 0)
  },
})

/** A memory broker under virtual time with whole nodes and clients. */
export class ClusterWorld extends ClientWorld {
  /** The actors of each node, by its name. */
  readonly systems = new Map<string, ActorSystem>()
  /** The labels of nodes that are made from now on. */
  labels: readonly string[] = []
  /** What managers do about load that are made from now on, where it is not the usual. */
  load: LoadTerms | undefined
  /** What they keep, alike. */
  keeping: Keeping | undefined
  readonly #nodes: RunningNode[] = []

  node(
    name: string,
    roles: readonly Role[] = ['manager', 'worker'],
    workflows: readonly AnyWorkflow[] = [double, sum],
    slots = 4,
    wallNow: () => number = () => this.clock.now(),
  ) {
    const random = seededRandom(name.length * 31 + name.charCodeAt(name.length - 1))
    const letters = new LastLetters(() => this.clock.now())
    const system = createActorSystem({
      ...{ node: name, clock: this.clock },
      onDeadLetter: (letter) => letters.take(letter),
    })
    this.systems.set(name, system)
    const env: Environment = {
      system,
      links: this.open(name),
      subjects: createSubjects(this.cluster),
      clock: this.clock,
      random,
      timings: singleServerTimings,
      notice: () => undefined,
      tracing: nodeTracing({
        ...{ cluster: this.cluster, node: name, notice: () => undefined },
        // An SDK takes a small number for one of the process's own clock.
        wallNow: () => Date.UTC(2026, 0) + this.clock.now(),
      }),
    }
    const node = assembleNode(env, {
      nodeId: name,
      roles,
      slots: roles.includes('worker') ? slots : 0,
      workflows,
      labels: this.labels,
      ...(this.load && { load: this.load }),
      ...(this.keeping && { keeping: this.keeping }),
      wallNow,
      letters,
      host: 'here',
      pid: 1,
      version: '0.1.0',
      since: '2026-01-01T00:00:00.000Z',
    })
    this.#nodes.push(node)
    return node
  }

  override async close(): Promise<void> {
    await this.during(Promise.all(this.#nodes.map((node) => node.close())))
    await super.close()
  }
}
