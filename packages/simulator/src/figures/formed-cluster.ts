import type { MemoryFaults } from '@covey/transport'
import { Chance } from '../chance.js'
import type { NodeOptions } from '../node-options.js'
import type { SimulatedNode } from '../simulated-node.js'
import { SimulatedWorld } from '../simulated-world.js'
import type { ExperimentRun } from './experiment.js'

/** A hop between a process and the broker of one site. */
const fairLatencyMs = { latencyMinMs: 0.2, latencyMaxMs: 2 }
const managersMax = 5
const formationMaxMs = 60_000
/** Processes do not start in one instant: none asks its peers in step with another. */
const startsWithinMs = 1_000
/** Longer than a link takes to settle, so that every silence counts; and any part of a probe period more. */
const settledMs = { min: 4_000, max: 6_000 }
/** How long a view must stay whole to count, and how often it is looked at meanwhile. */
const stableMs = 5_000
const lookIntervalMs = 25
/** Clocks start anywhere within a day. */
const clockOriginMaxMs = 86_400_000

const rolesOf = (index: number, nodes: number): NodeOptions => ({
  roles: [index < Math.min(managersMax, Math.ceil(nodes / 3)) ? 'manager' : 'worker'],
})

const isActive = ({ state }: { readonly state: string }): boolean => state === 'active'

/** Whether a node takes part and sees so many members that do, and nobody else alive. */
const seesActive = (node: SimulatedNode, count: number): boolean => {
  if (node.membership.state() !== 'active') return false
  const alive = node.members.all().filter(({ state }) => state !== 'departed' && state !== 'forgotten')
  return alive.length === count && alive.every(isActive)
}

/** A process that does not see a name that it must see. */
interface Doubt {
  readonly node: SimulatedNode
  readonly name: string
}

/** A cluster of which an experiment is made: up to five managers, and workers. */
export class FormedCluster {
  readonly world: SimulatedWorld
  /** What else the seed decides. */
  readonly chance: Chance
  readonly #names: readonly string[]
  readonly #options: NodeOptions
  /** Where a look at everybody's view goes on: who did not see it the last time is asked first, about the same name. */
  #doubter = 0
  #doubt: Doubt | undefined

  constructor({ seed, nodes, options = {} }: ExperimentRun, faults: Partial<MemoryFaults> = {}) {
    this.world = new SimulatedWorld({ seed, faults: { ...fairLatencyMs, ...faults } })
    this.chance = new Chance(seed ^ 0xf19)
    this.#options = options
    this.#names = Array.from({ length: nodes }, (_, index) => `n${index + 1}`)
  }

  /** The processes that run. */
  up(): SimulatedNode[] {
    return this.world.nodes.filter(({ isUp }) => isUp)
  }

  /** Starts a process under one of the names. */
  start(name: string): SimulatedNode {
    const roles = rolesOf(this.#names.indexOf(name), this.#names.length)
    const clockOriginMs = this.chance.between(0, clockOriginMaxMs)
    this.world.forgetDead()
    return this.world.node(name, { ...roles, clockOriginMs, keepsHistory: false, ...this.#options })
  }

  /** Starts all within a second, and waits until each sees each and has done so for some seconds. */
  async form(): Promise<void> {
    for (const name of this.#names) {
      this.world.heap.setTimeout(() => this.start(name), this.chance.between(0, startsWithinMs))
    }
    await this.world.until(() => this.isWhole(), formationMaxMs)
    await this.world.run(this.chance.between(settledMs.min, settledMs.max))
  }

  /** Whether every name is served by an active process, and all see exactly those. */
  isWhole(): boolean {
    if (this.#doubt !== undefined && this.#isDoubted(this.#doubt)) return false
    const up = this.up()
    if (up.length !== this.#names.length) return false
    for (let seen = 0; seen < up.length; seen += 1) {
      const node = up[(this.#doubter + seen) % up.length]
      if (node === undefined || seesActive(node, up.length)) continue
      this.#doubter = up.indexOf(node)
      this.#doubt = this.#names.map((name) => ({ node, name })).find((doubt) => this.#isDoubted(doubt))
      return false
    }
    return true
  }

  #isDoubted({ node, name }: Doubt): boolean {
    return node.isUp && node.members.find(name)?.state !== 'active'
  }

  /** How long it takes from now until something is true; `Infinity` where it is not within `withinMs`. */
  async timeUntil(isTrue: () => boolean, withinMs: number): Promise<number> {
    const { heap } = this.world
    const startMs = heap.now()
    try {
      return await this.world.until(isTrue, withinMs)
    } catch (error) {
      if (heap.now() >= startMs + withinMs) return Number.POSITIVE_INFINITY
      throw error
    }
  }

  /** How long it takes from now until the view is whole everywhere, and stays so. */
  async timeUntilWhole(isOver: () => boolean, withinMs: number): Promise<number> {
    const { heap } = this.world
    const startMs = heap.now()
    for (;;) {
      const leftMs = startMs + withinMs - heap.now()
      const tookMs = await this.timeUntil(() => isOver() && this.isWhole(), leftMs)
      if (tookMs === Number.POSITIVE_INFINITY) return tookMs
      const wholeMs = heap.now()
      if (await this.#staysWhole()) return wholeMs - startMs
    }
  }

  async #staysWhole(): Promise<boolean> {
    for (let lookedMs = 0; lookedMs < stableMs; lookedMs += lookIntervalMs) {
      await this.world.run(lookIntervalMs)
      if (!this.isWhole()) return false
    }
    return true
  }
}
