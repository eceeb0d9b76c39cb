import { createWorkerPart, type HostedWorkflow, type WorkerPart } from '@covey/actors'
import { createActorSystem } from '@covey/engine'
import { singleServerTimings } from '@covey/protocol'
import { SimulatedClock } from '@covey/simulator'
import { type Clock, type Links, type Random, seededRandom } from '@covey/transport'
import type { Executions } from '../scenario/executions.js'
import { testPolicy } from './scripted-worker.js'
import type { ShardWorld } from './shard-world.js'

/** What a worker meets at the broker. */
type Changed = (links: Links, clock: Clock, random: Random) => Links

/** One generation of a real worker; it runs functions that sleep. */
export class RunningWorker {
  readonly name: string
  readonly generation: number
  readonly #world: ShardWorld
  readonly #ran: Executions
  readonly #clock: SimulatedClock
  readonly #links: Links
  readonly #part: WorkerPart
  readonly #end: () => void

  constructor(world: ShardWorld, ran: Executions, name: string, generation: number, changed: Changed) {
    this.name = name
    this.generation = generation
    this.#world = world
    this.#ran = ran
    this.#clock = new SimulatedClock(world.clock)
    this.#links = world.broker.open(name, String(generation))
    const random = seededRandom(generation * 31 + name.charCodeAt(name.length - 1))
    const system = createActorSystem({
      node: name,
      clock: this.#clock,
      onActorError: ({ address, error }) => {
        throw new Error(`actor ${address} of ${name} failed`, { cause: error })
      },
    })
    const env = {
      system,
      links: changed(this.#links, this.#clock, random),
      subjects: world.subjects,
      clock: this.#clock,
      random,
      timings: singleServerTimings,
      notice: () => undefined,
    }
    this.#part = createWorkerPart(env, { shards: world.shards, slots: 2, workflows: [this.#sleeping()] })
    this.#end = () => system.stopAll()
    world.members.join(name, 'worker', generation)
    this.#part.open({ nodeId: name, generation, bootId: `${name}-boot-${generation}-0123456789` })
    this.#part.activate()
  }

  /** Ends as kill -9 does. */
  kill(): void {
    this.#world.broker.kill(this.generation === 1 ? this.name : `${this.name}-${this.generation}`)
    this.#clock.kill()
    this.#ran.kill(this, this.#world.clock.now())
    this.#part.close()
    this.#end()
  }

  /** Finishes or hands back what it holds; says whether nothing runs any more. */
  async drain(): Promise<boolean> {
    return (await this.#part.drain(singleServerTimings.leaveDeadlineMs)).clean
  }

  async close(): Promise<void> {
    this.#part.close()
    this.#end()
    await this.#world.closeLinks(this.#links)
  }

  #sleeping(): HostedWorkflow {
    return {
      name: 'work',
      policy: { ...testPolicy, timeoutMs: 8_000, attempts: 20, backoffMs: 50, backoffMaxMs: 200 },
      run: async ({ workflow, token, input, signal }) => {
        const { ms, fails } = input as { ms: number; fails: boolean }
        const startMs = this.#world.clock.now()
        const about = { workflow, token, process: this, node: this.name, exclusive: true, startMs }
        const execution = { ...about, endMs: undefined as number | undefined, pauses: [] }
        this.#ran.all.push(execution)
        try {
          await this.#sleep(ms, signal)
          if (fails && this.#ran.of(workflow).length === 1) throw new Error('not yet')
          return workflow
        } finally {
          execution.endMs ??= this.#world.clock.now()
        }
      },
    }
  }

  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimeout(resolve, ms)
      signal.addEventListener('abort', () => {
        this.#clock.clearTimeout(timer)
        reject(signal.reason)
      })
    })
  }
}
