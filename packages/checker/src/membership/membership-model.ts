import type { Model, State, Walk } from '../model.js'
import type { Words } from '../words.js'
import { Cluster, type MembershipOptions, type Pair } from './cluster.js'
import { DepartureSteps } from './departure-steps.js'
import {
  at,
  budgetAt,
  budgets,
  everyNode,
  fields,
  get,
  type NodeNumber,
  of,
  othersOf,
  sortNodes,
} from './layout.js'
import { NodeSteps } from './node-steps.js'
import { PeerSteps } from './peer-steps.js'
import { peerEvents } from './peer-table.js'

const oneOwner = 'a generation belongs to one start of one process (invariant 10)'

/**
 * Three nodes that are all active and know each other, and then are killed, started again, put to sleep, told to leave,
 * and not heard, as often as the budgets say, in every order. All may stay when each running node is active and sees of
 * each name what its facts say.
 */
export class MembershipModel implements Model {
  readonly name = 'membership of three nodes'
  readonly fields = fields
  readonly actions: Words
  readonly #cluster: Cluster
  readonly #nodes: NodeSteps
  readonly #peers: PeerSteps
  readonly #departures: DepartureSteps

  constructor(options: MembershipOptions) {
    this.#cluster = new Cluster(options)
    this.actions = this.#cluster.actions
    this.#nodes = new NodeSteps(this.#cluster)
    this.#peers = new PeerSteps(this.#cluster)
    this.#departures = new DepartureSteps(this.#cluster)
  }

  start(): readonly number[] {
    const state = new Int32Array(fields.length)
    for (const budget of budgets) state[budgetAt(budget)] = this.#cluster.options.budgets[budget] ?? 0
    for (const node of everyNode) this.#join(state, node)
    for (const observer of everyNode) {
      for (const subject of othersOf(observer)) {
        const { peers } = this.#cluster
        for (const event of [peerEvents.joined(1), peerEvents.active(1)]) {
          this.#cluster.tellPeer(state, observer, subject, peers.event(event))
        }
        state[of('read', observer, subject)] = 2
      }
    }
    return [...state]
  }

  successors(state: State, walk: Walk): void {
    for (const node of everyNode) {
      this.#nodes.all(state, node, walk)
      if (!this.#cluster.isRunning(state, node)) continue
      for (const pair of this.#cluster.pairs[node] as readonly Pair[]) {
        this.#peers.all(state, pair, walk)
        this.#departures.all(state, pair, walk)
      }
    }
  }

  violation(state: State): string | undefined {
    return everyNode.every((node) => this.#ownsIts(state, node)) ? undefined : oneOwner
  }

  isQuiet(state: State): boolean {
    return everyNode.every((node) => !this.#cluster.isRunning(state, node) || this.#isSettled(state, node))
  }

  normalise(state: Int32Array): void {
    sortNodes(state)
  }

  tell(state: State): readonly string[] {
    return this.#cluster.tell(state)
  }

  /** A node joins with nobody to see it. */
  #join(state: Int32Array, node: NodeNumber): void {
    this.#nodes.start(state, node)
    while (this.#cluster.task(state, node) !== undefined) this.#nodes.finish(state, node)
    state[at('own', node)] = 2
  }

  #ownsIts(state: State, node: NodeNumber): boolean {
    if (this.#cluster.nodeState(state, node) !== 'active') return true
    const { generation } = this.#cluster.nodes.view(get(state, at('node', node))).context
    const fact = this.#cluster.facts.find(get(state, at('facts', node)), 'joined', generation)
    return fact?.kind === 'joined' && fact.run === get(state, at('run', node))
  }

  /** Nothing is left for this node to learn or to do, and what it sees is right. */
  #isSettled(state: State, node: NodeNumber): boolean {
    const { facts, options } = this.#cluster
    const row = get(state, at('facts', node))
    const task = this.#cluster.task(state, node)
    // The model has no more generations to give: this one stands for all that would follow.
    const isSpent = task?.kind === 'claim' && task.generation > options.generationsMax
    if (!isSpent && (this.#cluster.nodeState(state, node) !== 'active' || task !== undefined)) return false
    if (get(state, at('own', node)) < facts.facts(row).length) return false
    return othersOf(node).every((subject) => this.#seesRightly(state, node, subject))
  }

  #seesRightly(state: State, node: NodeNumber, subject: NodeNumber): boolean {
    const { facts } = this.#cluster
    const row = get(state, at('facts', subject))
    if (get(state, of('read', node, subject)) < facts.facts(row).length) return false
    if (get(state, of('ask', node, subject)) !== 0 || get(state, of('vote', node, subject)) !== 0)
      return false
    const view = this.#cluster.view(state, node, subject)
    const latest = facts.latest(row)
    if (view?.context.generation !== latest) return false
    if (facts.find(row, 'departed', latest) !== undefined) return view.value === 'departed'
    return view.value === 'active' && this.#cluster.nodeState(state, subject) === 'active'
  }
}
