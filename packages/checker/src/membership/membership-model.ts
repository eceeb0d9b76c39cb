import { BudgetTable } from '../budget-table.js'
import type { Field, Model, State, Walk } from '../model.js'
import { PairMap } from '../pair-map.js'
import { Words } from '../words.js'
import { type Budget, budgetKinds } from './budgets.js'
import { Cluster, type MembershipOptions } from './cluster.js'
import { type ClusterLook, lookAt } from './cluster-look.js'
import { allVoices, Layout, nameOf, type Pair, type Voter } from './layout.js'
import type { Step } from './move.js'
import { Moves } from './moves.js'
import { NodeOrder } from './node-order.js'
import { peerEvents } from './peer-table.js'
import { type Process, unseen, unstarted } from './records.js'
import { ownsIts, seesRightly, settles } from './rest.js'
import { roles, Surroundings } from './surroundings.js'
import { tellCluster } from './telling.js'

const { runs } = roles
const oneOwner = 'a generation belongs to one start of one process (invariant 10)'

/**
 * Nodes that are all active and know each other, and then are killed, started again, put to sleep, told to leave, and
 * not heard, as often as the budgets say, in every order. All may stay when each running node is active and sees of each
 * name what its facts say.
 */
export class MembershipModel implements Model {
  readonly name: string
  readonly fields: readonly Field[]
  readonly actions = { text: (action: number): string => this.#textOf(action) }
  readonly #cluster: Cluster
  readonly #layout: Layout
  readonly #order: NodeOrder | undefined
  readonly #budgets: BudgetTable<Budget>
  readonly #surroundings: Surroundings
  readonly #moves: Moves
  readonly #words = new Words()
  readonly #owners: boolean[] = []
  readonly #settled: boolean[] = []
  readonly #right = new PairMap<boolean>()

  constructor(options: MembershipOptions) {
    const count = options.nodes ?? 3
    this.name = `membership of ${count} nodes`
    this.#cluster = new Cluster(options)
    this.#layout = new Layout(count)
    this.fields = this.#layout.fields
    if (this.#cluster.reduces('names')) this.#order = new NodeOrder(this.#layout)
    this.#budgets = new BudgetTable(budgetKinds, options.budgets)
    this.#surroundings = new Surroundings(this.#cluster, this.#layout)
    this.#moves = new Moves(this.#cluster, this.#surroundings, this.#words)
  }

  start(): readonly number[] {
    const { nodes, pairs, fields, left } = this.#layout
    const state = fields.map(() => 0)
    const { sights, peers } = this.#cluster
    const events = [peerEvents.joined(1), peerEvents.active(1)].map((event) => peers.event(event))
    const sight = events.reduce((seen, event) => this.#cluster.tellPeer(seen, event).sight, unseen)
    for (const node of nodes) state[node] = this.#cluster.processId(this.#joined())
    for (const pair of pairs) state[pair.sight] = sights.id({ ...sight, read: events.length })
    state[left] = this.#budgets.start
    return state
  }

  successors(state: State, walk: Walk): void {
    const { nodes, pairs } = this.#layout
    const { roles } = this.#surroundings
    this.#surroundings.read(state)
    for (let node = 0; node < nodes.length; node += 1) {
      const steps = this.#moves.ofProcess(state[node] as number)
      for (let at = 0; at < steps.length; at += 1) this.#takeOwn(state, walk, node, steps[at] as Step)
    }
    for (let index = 0; index < pairs.length; index += 1) {
      const pair = pairs[index] as Pair
      if (((roles[pair.observer] as number) & runs) !== 0) this.#suspect(state, walk, pair, index)
    }
  }

  violation(state: State): string | undefined {
    for (let node = 0; node < this.#layout.nodes.length; node += 1) {
      const process = state[node] as number
      if (!(this.#owners[process] ?? this.#newOwner(process))) return oneOwner
    }
    return undefined
  }

  isQuiet(state: State): boolean {
    const { nodes, pairs, left } = this.#layout
    for (let node = 0; node < nodes.length; node += 1) {
      const process = state[node] as number
      if (!(this.#settled[process] ?? this.#newSettled(process))) return false
    }
    for (let index = 0; index < pairs.length; index += 1) {
      const { observer, subject, sight } = pairs[index] as Pair
      const runsOf = this.#surroundings.role(state[observer] as number) & runs
      if (runsOf !== 0 && !this.#seesRightly(state[sight] as number, state[subject] as number)) return false
    }
    for (let voice = nodes.length + pairs.length; voice < left; voice += 1)
      if (state[voice] !== 0) return false
    return true
  }

  normalise(state: Int32Array): void {
    this.#order?.sort(state)
  }

  tell(state: State): readonly string[] {
    return tellCluster(this.#cluster, this.#layout, state)
  }

  /** What a state is made of: for who compares states of two models, whose numbers are their own. */
  look(state: State): ClusterLook {
    return lookAt(this.#cluster, this.#layout, state)
  }

  /** What may happen between an observer and its subject. */
  #suspect(state: State, walk: Walk, pair: Pair, index: number): void {
    const { roles, stands, companies } = this.#surroundings
    const { observer, subject, voters } = pair
    const sight = state[pair.sight] as number
    const role = roles[observer] as number
    const stand = stands[index] as number
    const company = companies[index] as number
    const count = voters.length
    this.#takeAll(state, walk, pair, this.#moves.ofSubject(sight, state[subject] as number, role, stand))
    this.#takeAll(state, walk, pair, this.#moves.ofSuspicion(sight, company, count, role, stand))
    for (let at = 0; at < count; at += 1) {
      const voter = voters[at] as Voter
      const standing = stands[voter.against - this.#layout.nodes.length] as number
      this.#takeAll(state, walk, pair, this.#moves.ofVoter(sight, company, count, at, standing), voter)
    }
  }

  #takeAll(state: State, walk: Walk, pair: Pair, steps: readonly Step[], voter?: Voter): void {
    for (let at = 0; at < steps.length; at += 1) this.#take(state, walk, pair, steps[at] as Step, voter)
  }

  #take(state: State, walk: Walk, pair: Pair, step: Step, voter: Voter | undefined): void {
    const next = this.#begin(state, walk, step)
    if (next === undefined) return
    const { observer, subject, sight, voters } = pair
    if (step.subject !== -1) this.#put(next, subject, step.subject)
    if (step.sight !== -1) next[sight] = step.sight
    if (step.keeps !== allVoices) {
      for (let at = 0; at < voters.length; at += 1) {
        const { voice } = voters[at] as Voter
        next[voice] = (next[voice] as number) & step.keeps
      }
    }
    if (voter !== undefined && step.voice !== -1) next[voter.voice] = step.voice
    walk.reach(this.#action(step.word, observer, subject, voter?.node ?? 0), step.broken)
  }

  #takeOwn(state: State, walk: Walk, node: number, step: Step): void {
    const next = this.#begin(state, walk, step)
    if (next === undefined) return
    this.#put(next, node, step.own)
    walk.reach(this.#action(step.word, node, 0, 0), step.broken)
  }

  #begin(state: State, walk: Walk, { spends }: Step): Int32Array | undefined {
    if (spends === -1) return walk.begin()
    const { left } = this.#layout
    const after = this.#budgets.after(state[left] as number, spends)
    if (after === -1) return undefined
    const next = walk.begin()
    next[left] = after
    return next
  }

  /** Where its process has ended, all that a node knew is gone. */
  #put(next: Int32Array, node: number, process: number): void {
    next[node] = process
    if ((this.#surroundings.role(process) & runs) !== 0) return
    for (const { observer, sight, voters } of this.#layout.pairs) {
      if (observer !== node) continue
      next[sight] = 0
      for (const { voice } of voters) next[voice] = 0
    }
  }

  #action(word: number, observer: number, subject: number, voter: number): number {
    const { length } = this.#layout.nodes
    return ((word * length + observer) * length + subject) * length + voter
  }

  #textOf(action: number): string {
    const { length } = this.#layout.nodes
    const node = (place: number): string => nameOf(Math.floor(action / place) % length)
    const word = this.#words.text(Math.floor(action / length ** 3))
    const names: Readonly<Record<string, string>> = {
      one: node(length ** 2),
      other: node(length),
      third: node(1),
    }
    return word.replace(/\{(\w+)\}/g, (_, name: string) => names[name] ?? name)
  }

  /** A node joins with nobody to see it, and reads what it has written. */
  #joined(): Process {
    const { processes } = this.#moves
    let process = processes.start(unstarted)
    while (process.task !== null) process = processes.finish(process, process.task)
    return { ...process, own: this.#cluster.facts.facts(process.facts).length }
  }

  #newOwner(id: number): boolean {
    const process = this.#cluster.processes.at(id)
    const owns = ownsIts(this.#cluster, process)
    this.#owners[id] = owns
    return owns
  }

  #newSettled(id: number): boolean {
    const isSettled = settles(this.#cluster, this.#cluster.processes.at(id))
    this.#settled[id] = isSettled
    return isSettled
  }

  #seesRightly(sight: number, subject: number): boolean {
    const known = this.#right.get(sight, subject)
    if (known !== undefined) return known
    const { sights, processes } = this.#cluster
    const sees = seesRightly(this.#cluster, sights.at(sight), processes.at(subject))
    this.#right.set(sight, subject, sees)
    return sees
  }
}
