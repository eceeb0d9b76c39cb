import type { isEvidence, isVote, judgeDeparture, nodeMachine, peerMachine } from '@covey/machines'
import { Interned } from '../interned.js'
import type { Budgets } from './budgets.js'
import { type Fact, FactRows } from './facts.js'
import { allVoices, voices } from './layout.js'
import { type NodeDeed, type NodeTable, nodeTable } from './node-table.js'
import { type PeerTable, peerInput, peerTable } from './peer-table.js'
import { ended, type Process, type Sight, unseen } from './records.js'

/** The rules of departure: the production ones, or one with a fault planted. */
export interface DepartureRules {
  readonly isVote: typeof isVote
  readonly isEvidence: typeof isEvidence
  readonly judgeDeparture: typeof judgeDeparture
}

/**
 * What is not looked at since nobody can tell a difference: facts of its own name that say nothing to a node and are not
 * read yet, tasks that only lead to the next one, proposals against a generation whose end was read, other names.
 */
export type Reduction = 'mute facts' | 'passing tasks' | 'late proposals' | 'names'

/** What is modelled. */
export interface MembershipOptions {
  readonly nodeMachine: typeof nodeMachine
  readonly peerMachine: typeof peerMachine
  readonly rules: DepartureRules
  /** How many nodes there are, all of them managers: three where nothing is said. */
  readonly nodes?: number
  readonly generationsMax: number
  readonly budgets: Budgets
  /** Reductions that are not made: what is found must be the same without them. */
  readonly without?: readonly Reduction[]
}

const endedTwice = 'the end of a generation is told once (invariant 15)'
const unendedBefore = 'the end of a generation is told before the next one is spoken of (invariant 15)'

/** What an event has made of a sight. */
export interface Told {
  readonly sight: Sight
  /** What stays of the words of all voters against the subject: these bits. */
  readonly keeps: number
  readonly broken: string | undefined
}

/** What nodes are made of, as numbers, and what events do to it. */
export class Cluster {
  readonly options: MembershipOptions
  readonly nodes: NodeTable
  readonly peers: PeerTable
  readonly facts = new FactRows()
  readonly processes = new Interned<Process>()
  readonly sights = new Interned<Sight>()
  readonly #unborn: number

  constructor(options: MembershipOptions) {
    this.options = options
    this.nodes = nodeTable(options.nodeMachine)
    this.peers = peerTable(options.peerMachine)
    this.#unborn = this.peers.start(peerInput).local
    // The first of them: 0 in a state is nothing seen.
    this.sights.id(unseen)
  }

  reduces(reduction: Reduction): boolean {
    return !(this.options.without ?? []).includes(reduction)
  }

  /** The state of a process, `gone` where none runs. */
  stateOf({ machine }: Process): string {
    return machine === 0 ? 'gone' : this.nodes.view(machine).value
  }

  /** What is seen; undefined where nothing is known. */
  viewOf({ machine }: Sight) {
    return machine === 0 ? undefined : this.peers.view(machine)
  }

  /**
   * The number of a process. Facts of its own name that say nothing to it are read at once: reading them later changes
   * nothing else, so the states between stand for no other way that things may go.
   */
  processId(process: Process): number {
    const facts = this.facts.facts(process.facts)
    let { own } = process
    if (process.machine !== 0 && this.reduces('mute facts'))
      while (this.#saysNothing(process, facts[own])) own += 1
    return this.processes.id({ ...process, own })
  }

  /** What a fact of its own name is to a node; undefined where it hears of none. */
  eventOf(fact: Fact): number | undefined {
    const { kind, generation } = fact
    if (kind === 'joined')
      return this.nodes.event({ type: 'successor.heard', generation, bootId: String(fact.run) })
    if (kind !== 'departed') return undefined
    return this.nodes.event({ type: 'departure.heard', generation, how: fact.how, atMs: 0 })
  }

  /** Of its own joining a process knows for ever: no start of it has another boot id. */
  #saysNothing({ machine, run }: Process, fact: Fact | undefined): boolean {
    if (fact === undefined) return false
    const event = this.eventOf(fact)
    if (event === undefined) return true
    const isOwn = fact.kind === 'joined' && fact.run === run
    return isOwn && this.nodes.step(machine, event).local === machine
  }

  /** Tells a node of an event, and does what it decides. */
  tellNode(process: Process, event: number): Process {
    const { local, plan } = this.nodes.step(process.machine, event)
    const told = plan.reduce(done, { ...process, machine: local })
    const value = this.stateOf(told)
    return value === 'departed' || value === 'failed' ? ended(told) : told
  }

  /** Tells a peer of an event. */
  tellPeer(sight: Sight, event: number): Told {
    const { local, plan } = this.peers.step(sight.machine === 0 ? this.#unborn : sight.machine, event)
    let broken = plan.broken
    let endings = sight.ended
    if (plan.ended > 0) {
      if (hasBit(endings, plan.ended)) broken ??= endedTwice
      endings |= bit(plan.ended)
    }
    if (plan.followed > 0 && !hasBit(endings, plan.followed)) broken ??= unendedBefore
    const { value, context } = this.peers.view(local)
    const silence = context.silentSinceMs === null ? 0 : sight.silence
    const told = { ...sight, machine: local, ended: endings, silence }
    if (value === 'departed') {
      const left = this.reduces('late proposals') ? withoutEnded(told, context.generation) : told
      return { sight: left, keeps: 0, broken }
    }
    const forgetsVotes = plan.followed > 0 || plan.forgetsVotes
    return { sight: told, keeps: forgetsVotes ? voices.stoodBy : allVoices, broken }
  }
}

/** Generations in a set: a bit for each, from 1 on. */
const bit = (generation: number): number => 1 << (generation - 1)
export const hasBit = (set: number, generation: number): boolean => ((set >> (generation - 1)) & 1) === 1

/** What is under way against a generation whose end was read comes to nothing, whenever that is found: its fact is there. */
const withoutEnded = (sight: Sight, generation: number): Sight =>
  sight.proposed === generation ? { ...sight, proposed: 0, isDecided: false } : sight

function done(process: Process, deed: NodeDeed): Process {
  if (deed.kind === 'begin') {
    const { task } = deed
    return { ...process, task, door: task.kind === 'open' ? task.generation : process.door }
  }
  if (deed.kind === 'alive') return { ...process, alive: process.alive | bit(deed.generation) }
  if (deed.kind === 'bye') return { ...process, goodbyes: process.goodbyes | bit(deed.generation) }
  if (deed.kind === 'drain') return { ...process, isDraining: true }
  // What work does that is fenced is looked at in the model of a name.
  if (deed.kind === 'fence') return process
  return { ...process, task: null, isDraining: false, door: 0 }
}
