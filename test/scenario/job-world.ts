import {
  createManagerPart,
  createWorkerPart,
  defaultKeeping,
  type HostedWorkflow,
  type ManagerPart,
} from '@covey/actors'
import type { SimulatedNode } from '@covey/simulator'
import { createWorld, type SimulatedWorld } from '@covey/simulator'
import type { Clock, Links, MemoryFaults } from '@covey/transport'
import { type Client, connect } from 'covey'
import { createWatchPart, TransitionFeed } from 'covey/assembly'
import { standIn } from '../harness/stand-in.js'
import { testPolicy } from '../shard/scripted-worker.js'
import { type Execution, Executions } from './executions.js'

/** A whole cluster under virtual time: managers, workers that run real functions, and a client. */
export class JobWorld {
  readonly world: SimulatedWorld
  readonly ran = new Executions()
  readonly client: Promise<Client>
  /** Managers to which nothing comes that is said to a shard, while all else does. */
  readonly deaf = new Set<string>()
  /** Managers that workers and clients do not hear, while all else comes of what they say and write. */
  readonly mute = new Set<string>()
  readonly #clientLinks: Links
  readonly #managers = new Map<string, ManagerPart>()
  readonly #alive = new Map<string, SimulatedNode>()

  constructor(seed: number, faults: Partial<MemoryFaults> = {}) {
    this.world = createWorld({ seed, faults: { latencyMinMs: 0.1, latencyMaxMs: 2, ...faults } })
    this.#clientLinks = this.world.broker.open('client')
    const { heap: clock, random } = this.world
    this.client = connect({ links: this.#clientLinks, cluster: 'test', clock, random })
  }

  manager(name: string): SimulatedNode {
    return this.#start(name, 'manager')
  }

  worker(name: string, slots = 2): SimulatedNode {
    return this.#start(name, 'worker', slots)
  }

  /** Names of managers that are alive and lead. */
  leaders(): string[] {
    return [...this.#managers]
      .filter(([name, part]) => this.#alive.has(name) && part.leads().length > 0)
      .map(([name]) => name)
  }

  get executions(): readonly Execution[] {
    return this.ran.all
  }

  /** Names of the nodes that have not been killed. */
  alive(): string[] {
    return [...this.#alive.keys()]
  }

  /** SIGKILL. */
  kill(name: string): void {
    const node = this.find(name)
    node.kill()
    this.#alive.delete(name)
    this.ran.kill(node, this.world.heap.now())
  }

  /** SIGSTOP. */
  freeze(name: string): void {
    this.find(name).freeze()
    this.ran.freeze(this.find(name), this.world.heap.now())
  }

  /** SIGCONT. */
  thaw(name: string): void {
    this.find(name).thaw()
    this.ran.thaw(this.find(name), this.world.heap.now())
  }

  find(name: string): SimulatedNode {
    const node = this.#alive.get(name)
    if (!node) throw new Error(`no node ${name}`)
    return node
  }

  async close(): Promise<void> {
    const client = await this.client
    await this.world.awaiting(client.close(), 5_000)
    await this.world.awaiting(this.#clientLinks.close(), 5_000)
    await this.world.close()
  }

  #start(name: string, role: 'manager' | 'worker', slots = 1): SimulatedNode {
    const node: SimulatedNode = this.world.node(name, {
      roles: [role],
      slots,
      parts: (env, members) => {
        if (role === 'worker')
          return [createWorkerPart(env, { shards: 1, slots, workflows: this.#workflows(() => node) })]
        const part = createManagerPart(
          { ...env, links: this.#between(name, env.links) },
          {
            shards: 1,
            members,
            keeping: { ...defaultKeeping, snapshotEvents: 40 },
          },
        )
        this.#managers.set(name, part)
        const feed = new TransitionFeed(env.system, part.folded)
        return [part, createWatchPart(env, { feed, leads: () => part.leads() })]
      },
    })
    this.#alive.set(name, node)
    return node
  }

  /** What a manager meets that is deaf or mute for a while. */
  #between(name: string, links: Links): Links {
    const { control } = links
    const troubled = standIn(control, {
      subscribe: (subject, callback) =>
        control.subscribe(subject, (message) => {
          if (!this.deaf.has(name) || !subject.endsWith('.command')) callback(message)
        }),
      publish: (subject, ...rest) =>
        (this.mute.has(name) && !subject.endsWith('.command')) || control.publish(subject, ...rest),
    })
    return standIn(links, { control: troubled })
  }

  #workflows(owner: () => SimulatedNode): HostedWorkflow[] {
    const sleep = (name: string, exclusive: boolean): HostedWorkflow => ({
      name,
      policy: { ...testPolicy, exclusive },
      run: async ({ workflow, token, input, results, signal }) => {
        const process = owner()
        const startMs = this.world.heap.now()
        const { untilMs, ms = 100, fails = 0 } = input as { untilMs?: number; ms?: number; fails?: number }
        const forMs = untilMs === undefined ? ms : untilMs - startMs
        const about = { workflow, token, process, node: process.name, exclusive, startMs }
        const execution: Execution = { ...about, endMs: undefined, pauses: [] }
        this.ran.all.push(execution)
        try {
          await sleepFor(process.clock, forMs, signal)
          if (this.ran.of(workflow).length <= fails) throw new Error('not yet')
          return Object.values(results).reduce((sum: number, value) => sum + Number(value), 1)
        } finally {
          execution.endMs ??= this.world.heap.now()
        }
      },
    })
    return [sleep('sleep', true), sleep('share', false)]
  }
}

function sleepFor(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clock.clearTimeout(timer)
      reject(signal.reason)
    })
  })
}
