import type { State, Walk } from '../model.js'
import type { Cluster } from './cluster.js'
import type { Fact } from './facts.js'
import { at, type Budget, budgetAt, endProcess, get, type NodeNumber } from './layout.js'
import { nodeEvents, nodeInput, type Task } from './node-table.js'

/** What may happen to the processes themselves: start, tasks, timers, crash. */
export class NodeSteps {
  readonly #cluster: Cluster
  readonly #heard = new Map<Fact, number>()
  readonly #events: Readonly<Record<keyof typeof nodeEvents, number>>

  constructor(cluster: Cluster) {
    this.#cluster = cluster
    const event = (name: keyof typeof nodeEvents): number => cluster.nodes.event(nodeEvents[name])
    this.#events = {
      start: event('start'),
      leave: event('leave'),
      slept: event('slept'),
      drained: event('drained'),
    }
  }

  /** Starts a process, which begins by looking at its name. */
  start(next: Int32Array, node: NodeNumber): void {
    const { nodes } = this.#cluster
    const run = get(next, at('run', node)) + 1
    next[at('run', node)] = run
    next[at('node', node)] = nodes.start(nodeInput(run)).local
    this.#cluster.tellNode(next, node, this.#events.start)
  }

  all(state: State, node: NodeNumber, walk: Walk): void {
    const act = (word: string): number => this.#cluster.act(node, word)
    if (!this.#cluster.isRunning(state, node)) {
      const next = this.#spend(state, walk, 'restarts')
      if (next === undefined) return
      this.start(next, node)
      walk.reach(act('is started again'))
      return
    }
    this.#disturb(state, node, walk, act)
    this.#work(state, node, walk, act)
    this.#read(state, node, walk, act)
    this.#ring(state, node, walk, act)
  }

  #spend(state: State, walk: Walk, budget: Budget): Int32Array | undefined {
    const index = budgetAt(budget)
    const left = get(state, index)
    if (left === 0) return undefined
    const next = walk.begin()
    next[index] = left - 1
    return next
  }

  #disturb(state: State, node: NodeNumber, walk: Walk, act: Act): void {
    const crashed = this.#spend(state, walk, 'crashes')
    if (crashed !== undefined) {
      endProcess(crashed, node)
      walk.reach(act('is killed'))
    }
    const value = this.#cluster.nodeState(state, node)
    if (value !== 'leaving') {
      const left = this.#spend(state, walk, 'leaves')
      if (left !== undefined) {
        this.#cluster.tellNode(left, node, this.#events.leave)
        walk.reach(act('is told to leave'))
      }
    }
    const slept = value === 'active' ? this.#spend(state, walk, 'sleeps') : undefined
    if (slept !== undefined) {
      this.#cluster.tellNode(slept, node, this.#events.slept)
      walk.reach(act('has slept longer than its lease'))
    }
  }

  #work(state: State, node: NodeNumber, walk: Walk, act: Act): void {
    if (get(state, at('draining', node)) === 1) {
      const next = walk.begin()
      next[at('draining', node)] = 0
      this.#cluster.tellNode(next, node, this.#events.drained)
      walk.reach(act('has drained'))
    }
    const task = this.#cluster.task(state, node)
    if (
      task === undefined ||
      (task.kind === 'claim' && task.generation > this.#cluster.options.generationsMax)
    )
      return
    this.finish(walk.begin(), node)
    walk.reach(act(words[task.kind]))
  }

  /** What the effects of a node are busy with comes to its end. */
  finish(next: Int32Array, node: NodeNumber): void {
    const task = this.#cluster.task(next, node)
    if (task === undefined) return
    this.#cluster.begin(next, node, undefined)
    this.#finish(next, node, task)
  }

  #finish(next: Int32Array, node: NodeNumber, { kind, generation }: Task): void {
    const { nodes, facts } = this.#cluster
    const row = get(next, at('facts', node))
    const run = get(next, at('run', node))
    const create = (fact: Parameters<typeof facts.create>[1]): void => {
      next[at('facts', node)] = facts.create(row, fact)
    }
    const tell = (event: Parameters<typeof nodes.event>[0]): void =>
      this.#cluster.tellNode(next, node, nodes.event(event))
    // The holder of the name is a process that is gone, or this one: nobody answers.
    if (kind === 'look') tell({ type: 'name.seen', latest: facts.latest(row), answered: false })
    if (kind === 'claim') {
      create({ kind: 'joined', generation, run })
      this.#cluster.begin(next, node, { kind: 'settle', generation })
    }
    if (kind === 'settle') {
      const fact = facts.find(row, 'joined', generation)
      const holder = fact?.kind === 'joined' ? String(fact.run) : ''
      tell({ type: 'claim.settled', generation, holder, latest: facts.latest(row) })
    }
    if (kind === 'open') tell({ type: 'generation.opened', generation })
    if (kind === 'greet') tell({ type: 'peers.greeted', generation })
    if (kind === 'announce') {
      create({ kind: 'active', generation })
      tell({ type: 'active.announced', generation })
    }
    if (kind === 'goodbye') create({ kind: 'leaving', generation })
    if (kind === 'depart' && generation > 0) {
      create({ kind: 'departed', generation, how: 'left' })
      tell({ type: 'departure.written' })
    }
  }

  /** A fact of the own name is read. */
  #read(state: State, node: NodeNumber, walk: Walk, act: Act): void {
    const { facts } = this.#cluster
    const place = get(state, at('own', node))
    const row = get(state, at('facts', node))
    const fact = facts.facts(row)[place]
    if (fact === undefined) return
    const next = walk.begin()
    next[at('own', node)] = place + 1
    const event = this.#eventOf(fact)
    if (event !== undefined) this.#cluster.tellNode(next, node, event)
    walk.reach(act(`reads of itself: ${facts.texts(row)[place]}`))
  }

  /** What a fact of its own name is to a node. */
  #eventOf(fact: Fact): number | undefined {
    if (fact.kind !== 'joined' && fact.kind !== 'departed') return undefined
    const known = this.#heard.get(fact)
    if (known !== undefined) return known
    const { generation } = fact
    const event = this.#cluster.nodes.event(
      fact.kind === 'joined'
        ? { type: 'successor.heard', generation, bootId: String(fact.run) }
        : { type: 'departure.heard', generation, how: fact.how, atMs: 0 },
    )
    this.#heard.set(fact, event)
    return event
  }

  /** Short waits end when they like. That a join takes minutes is not modelled. */
  #ring(state: State, node: NodeNumber, walk: Walk, act: Act): void {
    const { nodes } = this.#cluster
    const local = get(state, at('node', node))
    for (const ring of nodes.rings(local)) {
      const text = nodes.text(ring)
      if (text.includes('joinDeadlineMs')) continue
      this.#cluster.tellNode(walk.begin(), node, ring)
      walk.reach(act(text.includes('leaveDeadlineMs') ? 'leaves too slowly' : 'has waited to re-enter'))
    }
  }
}

type Act = (word: string) => number

const words: Readonly<Record<Task['kind'], string>> = {
  look: 'has looked at its name',
  claim: 'claims a generation',
  settle: 'reads who holds the generation that it claimed',
  open: 'has opened its subjects',
  greet: 'has greeted the active peers',
  announce: 'writes that it is active',
  goodbye: 'writes that it leaves',
  depart: 'writes that it has left',
}
