import type { isEvidence, isVote, judgeDeparture, nodeMachine, peerMachine } from '@covey/machines'
import type { State, Walk } from '../model.js'
import { Words } from '../words.js'
import { FactRows } from './facts.js'
import {
  at,
  type Budget,
  endProcess,
  everyNode,
  get,
  type NodeNumber,
  names,
  of,
  othersOf,
  type PairField,
  thirdOf,
} from './layout.js'
import { type NodeDeed, type NodeTable, nodeTable, type Task } from './node-table.js'
import { type PeerTable, peerEvents, peerInput, peerTable } from './peer-table.js'

/** The rules of departure: the production ones, or one with a fault planted. */
export interface DepartureRules {
  readonly isVote: typeof isVote
  readonly isEvidence: typeof isEvidence
  readonly judgeDeparture: typeof judgeDeparture
}

/** What is modelled. */
export interface MembershipOptions {
  readonly nodeMachine: typeof nodeMachine
  readonly peerMachine: typeof peerMachine
  readonly rules: DepartureRules
  readonly generationsMax: number
  readonly budgets: Partial<Record<Budget, number>>
}

const endedTwice = 'the end of a generation is told once (invariant 15)'
const unendedBefore = 'the end of a generation is told before the next one is spoken of (invariant 15)'

/** An observer and a subject, and the place of what is between them. */
export interface Pair {
  readonly observer: NodeNumber
  readonly subject: NodeNumber
  readonly third: NodeNumber
  readonly peer: number
  readonly read: number
  readonly silence: number
  readonly vote: number
  readonly ask: number
  act(word: string): number
}

/** Three nodes and what they are made of: what all steps of the model use. */
export class Cluster {
  readonly options: MembershipOptions
  readonly nodes: NodeTable
  readonly peers: PeerTable
  readonly facts = new FactRows()
  readonly actions = new Words()
  /** Every observer with both its subjects. */
  readonly pairs: readonly (readonly Pair[])[]
  readonly unborn: number
  readonly #tasks: (Task | undefined)[] = [undefined]
  readonly #acts = everyNode.map(() => new Map<string, number>())
  readonly #counted: readonly [number[], number[]] = [[], []]

  constructor(options: MembershipOptions) {
    this.options = options
    this.nodes = nodeTable(options.nodeMachine)
    this.peers = peerTable(options.peerMachine)
    this.pairs = everyNode.map((observer) =>
      othersOf(observer).map((subject) => this.#pairOf(observer, subject)),
    )
    this.unborn = this.peers.start(peerInput).local
  }

  isRunning(state: State, node: NodeNumber): boolean {
    return get(state, at('node', node)) !== 0
  }

  /** The state of a node, `gone` where no process runs. */
  nodeState(state: State, node: NodeNumber): string {
    const local = get(state, at('node', node))
    return local === 0 ? 'gone' : this.nodes.view(local).value
  }

  /** What an observer sees of a subject; undefined where it knows nothing of it. */
  view(state: State, observer: NodeNumber, subject: NodeNumber) {
    const local = get(state, of('peer', observer, subject))
    return local === 0 ? undefined : this.peers.view(local)
  }

  task(state: State, node: NodeNumber): Task | undefined {
    return this.#tasks[get(state, at('task', node))]
  }

  begin(next: Int32Array, node: NodeNumber, task: Task | undefined): void {
    const known = this.#tasks.findIndex(
      (other) => other?.kind === task?.kind && other?.generation === task?.generation,
    )
    next[at('task', node)] = known === -1 ? this.#tasks.push(task) - 1 : known
  }

  /** Tells a node of an event, and does what it decides. */
  tellNode(next: Int32Array, node: NodeNumber, event: number): void {
    const { local, plan } = this.nodes.step(get(next, at('node', node)), event)
    next[at('node', node)] = local
    for (const deed of plan) this.#do(next, node, deed)
    const { value } = this.nodes.view(local)
    if (value === 'departed' || value === 'failed') endProcess(next, node)
  }

  /** Tells a peer of an event; answers the rule that this breaks. */
  tellPeer(next: Int32Array, observer: NodeNumber, subject: NodeNumber, event: number): string | undefined {
    const index = of('peer', observer, subject)
    const before = get(next, index)
    const { local, plan } = this.peers.step(before === 0 ? this.unborn : before, event)
    next[index] = local
    const ended = of('ended', observer, subject)
    const told = get(next, ended)
    let broken = plan.broken
    if (plan.ended > 0) {
      if ((told >> (plan.ended - 1)) & 1) broken ??= endedTwice
      next[ended] = told | (1 << (plan.ended - 1))
    }
    if (plan.followed > 0 && !((get(next, ended) >> (plan.followed - 1)) & 1)) broken ??= unendedBefore
    const { context } = this.peers.view(local)
    if (plan.followed > 0 || plan.forgetsVotes) next[of('vote', observer, subject)] = 0
    if (context.silentSinceMs === null) next[of('silence', observer, subject)] = 0
    return broken
  }

  /** The number of the event that so many votes are held against a generation. */
  counted(generation: number, votes: 0 | 1): number {
    const known = this.#counted[votes][generation]
    if (known !== undefined) return known
    const event = this.peers.event(peerEvents.counted(generation, votes))
    this.#counted[votes][generation] = event
    return event
  }

  /** The number of what one node does. */
  act(node: NodeNumber, word: string): number {
    const acts = this.#acts[node] as Map<string, number>
    const known = acts.get(word)
    if (known !== undefined) return known
    const id = this.actions.id(`${names[node]} ${word}`)
    acts.set(word, id)
    return id
  }

  /** Takes the step if it changes anything. */
  reachIf(walk: Walk, isChanged: boolean, action: number, broken?: string): void {
    if (isChanged || broken !== undefined) walk.reach(action, broken)
  }

  tell(state: State): readonly string[] {
    const nodes = ([0, 1, 2] as const).flatMap((node) => {
      const local = get(state, at('node', node))
      const { value, generation } =
        local === 0
          ? { value: 'gone', generation: 0 }
          : { value: this.nodes.view(local).value, generation: this.nodes.view(local).context.generation }
      const texts = this.facts.texts(get(state, at('facts', node)))
      return [
        `${names[node]} is ${value}${generation === 0 ? '' : `, generation ${generation}`}`,
        `facts of ${names[node]}: ${texts.join(', ')}`,
        ...othersOf(node).flatMap((subject) => this.#tellView(state, node, subject)),
      ]
    })
    return nodes
  }

  #pairOf(observer: NodeNumber, subject: NodeNumber): Pair {
    const acts = new Map<string, number>()
    const place = (field: PairField): number => of(field, observer, subject)
    const act = (word: string): number => {
      const known = acts.get(word)
      if (known !== undefined) return known
      const id = this.actions.id(`${names[observer]} ${word} ${names[subject]}`)
      acts.set(word, id)
      return id
    }
    return {
      ...{ observer, subject, third: thirdOf(observer, subject), act },
      ...{
        peer: place('peer'),
        read: place('read'),
        silence: place('silence'),
        vote: place('vote'),
        ask: place('ask'),
      },
    }
  }

  #tellView(state: State, observer: NodeNumber, subject: NodeNumber): string[] {
    const view = this.view(state, observer, subject)
    if (view === undefined) return []
    const { generation, votes, silentSinceMs } = view.context
    const silence = ['', ', silent for the suspicion timeout', ', silent for a lease'][
      get(state, of('silence', observer, subject))
    ]
    const own = silentSinceMs === null ? '' : ', by its own probe'
    const others = votes === 0 ? '' : ', by a vote'
    return [
      `${names[observer]} sees ${names[subject]} as ${view.value}, generation ${generation}${own}${others}${silence}`,
    ]
  }

  #do(next: Int32Array, node: NodeNumber, deed: NodeDeed): void {
    if (deed.kind === 'begin') {
      this.begin(next, node, deed.task)
      if (deed.task.kind === 'open') next[at('door', node)] = deed.task.generation
    } else if (deed.kind === 'alive' || deed.kind === 'bye') {
      const bit = (deed.kind === 'alive' ? -1 : 1) + deed.generation
      next[at('said', node)] = get(next, at('said', node)) | (1 << bit)
    } else if (deed.kind === 'drain') next[at('draining', node)] = 1
    else {
      this.begin(next, node, undefined)
      next[at('draining', node)] = 0
      next[at('door', node)] = 0
    }
  }
}
