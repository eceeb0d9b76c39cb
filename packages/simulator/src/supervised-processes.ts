import type { Role } from '@covey/protocol'
import type { Random } from '@covey/transport'
import type { NodeOptions } from './node-options.js'
import type { SimulatedNode } from './simulated-node.js'
import type { SimulatedWorld } from './simulated-world.js'

/** How long a supervisor waits before it starts a process again that ended by itself. */
const restartDelayMs = 500
/** Clocks start anywhere within a day. */
const clockOriginMaxMs = 86_400_000
const managersMax = 5

/** Which of the names of a cluster are managers: a third of them, the first, five at most. */
export const managersOf = (names: readonly string[]): readonly string[] =>
  names.slice(0, Math.min(managersMax, Math.ceil(names.length / 3)))

/** What a process is started with beside its role; the process itself is there once it has started. */
export type OptionsOfNode = (name: string, isManager: boolean, node: () => SimulatedNode) => NodeOptions

/** The processes of a cluster under a supervisor, which starts those again that ended. */
export class SupervisedProcesses {
  readonly names: readonly string[]
  readonly #world: SimulatedWorld
  readonly #random: Random
  readonly #optionsOf: OptionsOfNode
  /** Names that are not to be started again before their time. */
  readonly #away = new Set<string>()

  constructor(world: SimulatedWorld, names: readonly string[], random: Random, optionsOf: OptionsOfNode) {
    this.#world = world
    this.names = names
    this.#random = random
    this.#optionsOf = optionsOf
  }

  /** The processes that run. */
  up(): SimulatedNode[] {
    return this.#world.nodes.filter(({ isUp }) => isUp)
  }

  /** The processes of a name that run. */
  of(name: string): SimulatedNode[] {
    return this.up().filter((node) => node.name === name)
  }

  /** Whether nodes of this name are managers. */
  isManager(name: string): boolean {
    return managersOf(this.names).includes(name)
  }

  start(name: string, options: NodeOptions = {}): SimulatedNode {
    const isManager = this.isManager(name)
    const roles: Role[] = [isManager ? 'manager' : 'worker']
    const node: SimulatedNode = this.#world.node(name, {
      ...{ roles, clockOriginMs: this.#random.next() * clockOriginMaxMs },
      ...this.#optionsOf(name, isManager, () => node),
      ...options,
    })
    return node
  }

  /** Starts a name later, unless somebody has it by then. */
  startAfter(name: string, delayMs: number, options?: NodeOptions, onStart?: () => void): void {
    this.#away.add(name)
    this.#world.heap.setTimeout(() => {
      this.#away.delete(name)
      if (this.of(name).length > 0) return
      this.start(name, options)
      onStart?.()
    }, delayMs)
  }

  /** SIGKILL to all processes of a name; answers which they were. */
  kill(name: string): readonly SimulatedNode[] {
    const nodes = this.of(name)
    for (const node of nodes) node.kill()
    return nodes
  }

  /** The same, and to all that they have started: a launcher does before it tells of their end (ADR 55). */
  killGroup(name: string): readonly SimulatedNode[] {
    const nodes = this.kill(name)
    for (const { parts } of nodes) parts.each((part) => part.kill())
    return nodes
  }

  /**
   * Ends those of these processes that are over (a command exits when it cannot join), and starts their names again, as
   * a supervisor does.
   */
  supervise(nodes: readonly SimulatedNode[]): void {
    const over = nodes.filter(({ isUp }) => !isUp)
    if (over.length === 0) return
    for (const node of over) if (!node.isDead) node.kill()
    const served = new Set(this.up().map(({ name }) => name))
    for (const { name } of over) {
      const isMissing = this.names.includes(name) && !served.has(name)
      if (isMissing && !this.#away.has(name)) this.startAfter(name, restartDelayMs)
    }
  }
}
