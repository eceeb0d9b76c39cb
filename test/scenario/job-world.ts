import { createManagerPart, createWorkerPart, type HostedWorkflow, type ManagerPart } from '@covey/actors'
import type { Links } from '@covey/transport'
import { type Client, connect } from 'covey'
import type { VirtualNode } from '../harness/virtual-node.js'
import { createWorld, type VirtualWorld } from '../harness/virtual-world.js'
import { testPolicy } from '../shard/scripted-worker.js'

/** One execution of user code, as the test saw it. */
export interface Execution {
  readonly workflow: string
  readonly token: string
  readonly node: string
  readonly startMs: number
  endMs: number | undefined
}

/** A whole cluster under virtual time: managers, workers that run real functions, and a client. */
export class JobWorld {
  readonly world: VirtualWorld
  readonly executions: Execution[] = []
  readonly client: Promise<Client>
  readonly #clientLinks: Links
  readonly #managers = new Map<string, ManagerPart>()
  readonly #alive = new Map<string, VirtualNode>()

  constructor(seed: number) {
    this.world = createWorld({ seed, faults: { latencyMinMs: 0.1, latencyMaxMs: 2 } })
    this.#clientLinks = this.world.broker.open('client')
    const { heap: clock, random } = this.world
    this.client = connect({ links: this.#clientLinks, cluster: 'test', clock, random })
  }

  manager(name: string): VirtualNode {
    return this.#start(name, 'manager')
  }

  worker(name: string, slots = 2): VirtualNode {
    return this.#start(name, 'worker', slots)
  }

  /** Names of managers that are alive and lead. */
  leaders(): string[] {
    return [...this.#managers]
      .filter(([name, part]) => this.#alive.has(name) && part.leads().length > 0)
      .map(([name]) => name)
  }

  /** SIGKILL; with a supervisor that sees it, its end is known at once (K49). */
  kill(name: string): void {
    const node = this.#alive.get(name)
    node?.kill()
    this.#alive.delete(name)
    const endMs = this.world.heap.now()
    for (const execution of this.executions) if (execution.node === name) execution.endMs ??= endMs
  }

  find(name: string): VirtualNode {
    const node = this.#alive.get(name)
    if (!node) throw new Error(`no node ${name}`)
    return node
  }

  /** Executions of one workflow that ran at the same time. */
  overlaps(): string[] {
    const found: string[] = []
    for (const one of this.executions) {
      for (const other of this.executions) {
        if (one.workflow !== other.workflow || one.startMs >= other.startMs || one === other) continue
        if ((one.endMs ?? Number.POSITIVE_INFINITY) > other.startMs) {
          found.push(`${one.workflow} on ${one.node} (${one.token}) and ${other.node} (${other.token})`)
        }
      }
    }
    return found
  }

  async close(): Promise<void> {
    const client = await this.client
    await this.world.awaiting(client.close(), 5_000)
    await this.world.awaiting(this.#clientLinks.close(), 5_000)
    await this.world.close()
  }

  #start(name: string, role: 'manager' | 'worker', slots = 1): VirtualNode {
    const node = this.world.node(name, {
      roles: [role],
      slots,
      parts: (env, members) => {
        if (role === 'worker')
          return [createWorkerPart(env, { shards: 1, slots, workflows: this.#workflows(name) })]
        const part = createManagerPart(env, { shards: 1, members })
        this.#managers.set(name, part)
        return [part]
      },
    })
    this.#alive.set(name, node)
    return node
  }

  #workflows(node: string): HostedWorkflow[] {
    const sleep = (name: string, exclusive: boolean): HostedWorkflow => ({
      name,
      policy: { ...testPolicy, exclusive },
      run: async ({ workflow, token, input, results, signal }) => {
        const { ms = 100, fails = 0 } = input as { ms?: number; fails?: number }
        const execution: Execution = {
          workflow,
          token,
          node,
          startMs: this.world.heap.now(),
          endMs: undefined,
        }
        this.executions.push(execution)
        try {
          await this.#sleep(node, ms, signal)
          const before = this.executions.filter((other) => other.workflow === workflow).length
          if (before <= fails) throw new Error('not yet')
          return Object.values(results).reduce((sum: number, value) => sum + Number(value), 1)
        } finally {
          execution.endMs ??= this.world.heap.now()
        }
      },
    })
    return [sleep('sleep', true), sleep('share', false)]
  }

  #sleep(node: string, ms: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.find(node)
    return new Promise((resolve, reject) => {
      const timer = clock.setTimeout(resolve, ms)
      signal.addEventListener('abort', () => {
        clock.clearTimeout(timer)
        reject(signal.reason)
      })
    })
  }
}
