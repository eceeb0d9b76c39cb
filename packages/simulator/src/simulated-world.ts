import { HeapClock } from '@covey/engine'
import { createSubjects, parseSubject, type Subjects } from '@covey/protocol'
import {
  createMemoryBroker,
  type MemoryBroker,
  type MemoryFaults,
  type Random,
  seededRandom,
} from '@covey/transport'
import { newsFaults } from './invariants/news-order.js'
import type { NodeOptions } from './node-options.js'
import { SimulatedNode } from './simulated-node.js'

/** What a world is made of: the seed decides everything that happens in it. */
export interface WorldOptions {
  readonly seed: number
  /** Shards of its cluster. Default: 1. */
  readonly shards?: number
  readonly faults?: Partial<MemoryFaults>
  /** What all its nodes have in common. */
  readonly nodes?: NodeOptions
  /** The broker knows its users, and lets nobody speak for another. Default: it lets everybody say everything. */
  readonly hasUsers?: boolean
  /** Called after every step (one timer, and everything that it set off) with the nodes that are not as they were. */
  readonly onStep?: (changed: ReadonlySet<SimulatedNode>) => void
}

const cluster = 'test'

/** What a node says of itself nobody else can say, as where the broker knows its users (`nats.conf`). */
function isOwnNews(name: string, subject: string): boolean {
  const parsed = parseSubject(cluster, subject)
  return parsed?.kind !== 'news' || parsed.node === name
}
const settled = Promise.resolve()

/** After so many steps the event loop of this process has its turn: signals, and rejections that nobody handled. */
const stepsPerTurn = 256

/**
 * A cluster in one process, on the memory broker, under virtual time. Nothing in it happens unless `run` moves the
 * time on, and with the same seed it always happens in the same way.
 */
export class SimulatedWorld {
  readonly heap = new HeapClock()
  readonly random: Random
  readonly broker: MemoryBroker
  readonly subjects: Subjects = createSubjects(cluster)
  readonly nodes: SimulatedNode[] = []
  readonly shards: number
  readonly #defaults: NodeOptions
  readonly #onStep: (changed: ReadonlySet<SimulatedNode>) => void
  #changed = new Set<SimulatedNode>()
  #started = 0

  constructor({ seed, shards = 1, faults = {}, nodes = {}, hasUsers = false, onStep }: WorldOptions) {
    this.shards = shards
    this.#onStep = onStep ?? (() => undefined)
    this.random = seededRandom(seed)
    this.#defaults = nodes
    const { heap: clock, random } = this
    const users = hasUsers ? { mayPublish: isOwnNews } : {}
    this.broker = createMemoryBroker({ clock, random, cluster, shards, faults, ...users })
  }

  /** Starts a process under a name; another one may have had the name before. */
  node(name: string, options: NodeOptions = {}): SimulatedNode {
    const { heap, broker, random, subjects } = this
    const onChange = (changed: SimulatedNode): void => {
      this.#changed.add(changed)
    }
    const ground = { heap, broker, random, subjects, onChange }
    this.#started += 1
    const node = new SimulatedNode(name, this.#started, ground, { ...this.#defaults, ...options })
    this.nodes.push(node)
    return node
  }

  /** Lets go of the processes that are dead, and of all that they knew: nobody looks at them any more. */
  forgetDead(): void {
    this.nodes.splice(0, this.nodes.length, ...this.nodes.filter(({ isDead }) => !isDead))
  }

  /** Starts several nodes at once and runs until all are active, or `withinMs` are over. */
  async formed(
    names: readonly string[],
    options: NodeOptions = {},
    withinMs = 5_000,
  ): Promise<SimulatedNode[]> {
    const nodes = names.map((name) => this.node(name, options))
    const isFormed = (): boolean =>
      nodes.every((node) => {
        const active = node.members.all().filter(({ state }) => state === 'active')
        return names.every((name) => active.some(({ nodeId }) => nodeId === name))
      })
    await this.until(isFormed, withinMs)
    return nodes
  }

  /** Moves the time on, timer by timer, each followed by everything that it set off. */
  async run(durationMs: number): Promise<void> {
    await this.#runUntil(this.heap.now() + durationMs, () => false)
  }

  /** Moves the time on until something is true; throws when it is not within `withinMs`. Answers how long it took. */
  async until(isTrue: () => boolean, withinMs: number): Promise<number> {
    const startMs = this.heap.now()
    await this.#runUntil(startMs + withinMs, isTrue)
    if (!isTrue()) throw new Error(`not within ${withinMs} ms: ${String(isTrue)}\n${this.report()}`)
    return this.heap.now() - startMs
  }

  /** What a promise becomes while the time moves on, for at most `withinMs`. */
  async awaiting<Value>(promise: Promise<Value>, withinMs: number): Promise<Value> {
    let isSettled = false
    const end = (): void => {
      isSettled = true
    }
    promise.then(end, end)
    await this.until(() => isSettled, withinMs)
    return promise
  }

  /** Who sees whom, for a test that fails. */
  report(): string {
    return this.nodes
      .map((node) => `${node.name} ${node.membership.state()} sees ${node.view || 'nobody'}`)
      .join('\n')
  }

  /** Closes everything and throws for what is left: an actor, a timer, a subscription, a defect, news out of order. */
  async close(): Promise<void> {
    const closing = Promise.all(this.nodes.map((node) => node.close()))
    await this.awaiting(closing, 60_000)
    const alive = this.nodes.filter((node) => !node.isDead)
    const left = [
      ...alive.flatMap(({ name, env }) => env.system.addresses().map((address) => `${name} ${address}`)),
      ...alive.filter(({ clock }) => clock.size > 0).map(({ name }) => `a timer of ${name}`),
      ...(this.broker.interests > 0 ? [`${this.broker.interests} subscriptions`] : []),
      ...this.nodes.flatMap(({ name, defects }) =>
        defects.map((defect) => `${name}: ${JSON.stringify(defect)}`),
      ),
    ]
    left.push(
      ...this.nodes.flatMap(({ name, news }) =>
        newsFaults(news).map((fault) => `${name} was told: ${fault}`),
      ),
    )
    if (left.length > 0) throw new Error(`left behind: ${left.join('; ')}`)
  }

  /**
   * A tick that is asked for by a promise's callback has its turn when no promise has anything left to do, and before
   * anything else of the event loop: what a step has set off has run to its end when the next one begins, and a step
   * does not cost a turn of the loop. A step that was the broker's alone has set off no promise: it is over at once.
   */
  #runUntil(untilMs: number, isOver: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      let steps = 0
      const goOn = (): void => {
        steps += 1
        if (steps % stepsPerTurn === 0) setImmediate(begin)
        else void settled.then(tick)
      }
      const tick = (): void => process.nextTick(begin)
      const begin = (): void => {
        try {
          if (steps > 0) this.#endStep()
          let step = this.#stepTo(untilMs, isOver)
          for (; step === 'of the broker'; step = this.#stepTo(untilMs, isOver)) this.#endStep()
          if (step === 'none') resolve()
          else goOn()
        } catch (error) {
          reject(error)
        }
      }
      setImmediate(begin)
    })
  }

  /** Rings what is due next, and says whose turn that was; `none` where nothing is until then, or it is over. */
  #stepTo(untilMs: number, isOver: () => boolean): 'of the broker' | 'of a process' | 'none' {
    const over = isOver()
    const next = this.heap.next()
    if (!over && next !== undefined && next <= untilMs) {
      const turns = this.broker.turns
      const rung = this.heap.runUntil(next)
      return this.broker.turns - turns === rung ? 'of the broker' : 'of a process'
    }
    if (!over) this.heap.runUntil(untilMs)
    return 'none'
  }

  #endStep(): void {
    const changed = this.#changed
    // What is told of the nodes now belongs to the next step.
    if (changed.size > 0) this.#changed = new Set()
    this.#onStep(changed)
  }
}

/** Makes a world: `const world = createWorld({ seed: 1 })`. */
export const createWorld = (options: WorldOptions): SimulatedWorld => new SimulatedWorld(options)
