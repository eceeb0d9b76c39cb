import { commandsMessage, type Dispatch, limits, type Policy } from '@covey/protocol'
import type { MemoryFaults } from '@covey/transport'
import { ScriptedClient, step } from './scripted-client.js'
import { ScriptedWorker } from './scripted-worker.js'
import { ShardWorld } from './shard-world.js'

/** A world with a client, and the few steps that most tests of a shard begin with. */
export class ShardScene {
  readonly world: ShardWorld
  readonly client: ScriptedClient
  readonly #workers: ScriptedWorker[] = []

  constructor(seed = 1, faults: Partial<MemoryFaults> = {}) {
    this.world = new ShardWorld(seed, faults)
    this.client = new ScriptedClient(this.world)
  }

  /** Lets time pass until a promise has settled. */
  async settled<Value>(promise: Promise<Value>, limitMs = 5_000): Promise<Value> {
    let done = false
    const value = promise.finally(() => {
      done = true
    })
    await this.world.until('the answer', () => done, limitMs)
    return value
  }

  /** Starts managers and waits for one of them to lead; returns its name. */
  async lead(...names: string[]): Promise<string> {
    for (const name of names) this.world.manager(name)
    return this.leader()
  }

  /** Waits until exactly one manager leads; returns its name. */
  async leader(): Promise<string> {
    await this.world.until('a leader', () => this.world.leaders().length === 1)
    const [leader] = this.world.leaders()
    if (leader === undefined) throw new Error('no leader')
    return leader
  }

  /** A worker that has been granted a lease and whose credits count. */
  async worker(
    name: string,
    credits: number,
    policy: Partial<Policy> = {},
    generation = 1,
  ): Promise<ScriptedWorker> {
    const worker = new ScriptedWorker(this.world, name, credits, policy, generation)
    this.#workers.push(worker)
    await this.settled(worker.renew())
    await this.world.until('an opened worker', () => worker.opened && worker.grants > 1)
    return worker
  }

  /** Waits for the n-th dispatch to a worker. */
  async dispatch(worker: ScriptedWorker, index = 0): Promise<Dispatch> {
    await this.world.until(`dispatch ${index} to ${worker.name}`, () => worker.dispatches.length > index)
    const dispatch = worker.dispatches[index]
    if (!dispatch) throw new Error('no dispatch')
    return dispatch
  }

  /** The state of a workflow, as the leader says after an append of its own. */
  async stateOf(workflow: string): Promise<string> {
    const answer = await this.settled(this.client.command({ type: 'result.get', workflow }))
    return answer?.type === 'outcome' ? answer.outcome.state : (answer?.type ?? 'silence')
  }

  /** Submits a job that is there already until the leader takes nothing more; the caller keeps the log from taking it. */
  fillQueue(job: string): void {
    const count = limits.commandsPerMessageMax
    const commands = Array.from({ length: count }, (_, number) => ({
      ...{ type: 'job.submit' as const, number, job, digest: 'digest' },
      ...{ chunk: { index: 0, count: 1 }, workflows: [step('main')] },
    }))
    const frame = commandsMessage.encode({ client: 'flood', commands })
    for (let sent = 0; sent <= limits.logQueueEventsMax + count; sent += count) {
      this.client.links.control.publish(this.world.subjects.command(0), frame)
    }
  }

  async close(): Promise<void> {
    for (const worker of this.#workers) await worker.close()
    await this.world.closeLinks(this.client.links)
    await this.world.close()
  }
}
