import type { isEvidence, isVote, judgeDeparture, nodeMachine, peerMachine } from '@covey/machines'
import { Interned } from '../interned.js'
import type { Budgets } from './budgets.js'
import { FactRows } from './facts.js'
import { type NodeDeed, type NodeTable, nodeTable } from './node-table.js'
import { type PeerTable, peerInput, peerTable } from './peer-table.js'
import { ended, type Process, type Sight, unseen } from './records.js'

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
  /** How many nodes there are, three where nothing is said, and how many of them are managers: all where nothing is said. */
  readonly nodes?: number
  readonly managers?: number
  readonly generationsMax: number
  readonly budgets: Budgets
}

const endedTwice = 'the end of a generation is told once (invariant 15)'
const unendedBefore = 'the end of a generation is told before the next one is spoken of (invariant 15)'

/** What an event has made of a sight. */
export interface Told {
  readonly sight: Sight
  /** What others said of the subject is forgotten. */
  readonly forgetsVotes: boolean
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
  /** The peer of which nothing is known, at a manager and at another node. */
  readonly #unborn: { readonly manager: number; readonly other: number }

  constructor(options: MembershipOptions) {
    this.options = options
    this.nodes = nodeTable(options.nodeMachine)
    this.peers = peerTable(options.peerMachine)
    this.#unborn = {
      manager: this.peers.start(peerInput).local,
      other: this.peers.start({ ...peerInput, isManager: false }).local,
    }
    // The first of them: 0 in a state is nothing seen.
    this.sights.id(unseen)
  }

  /** The state of a process, `gone` where none runs. */
  stateOf({ machine }: Process): string {
    return machine === 0 ? 'gone' : this.nodes.view(machine).value
  }

  /** What is seen; undefined where nothing is known. */
  viewOf({ machine }: Sight) {
    return machine === 0 ? undefined : this.peers.view(machine)
  }

  /** Tells a node of an event, and does what it decides. */
  tellNode(process: Process, event: number): Process {
    const { local, plan } = this.nodes.step(process.machine, event)
    const told = plan.reduce(done, { ...process, machine: local })
    const value = this.stateOf(told)
    return value === 'departed' || value === 'failed' ? ended(told) : told
  }

  /** A manager, or another node, tells its peer of an event. */
  tellPeer(sight: Sight, event: number, who: 'manager' | 'other' = 'manager'): Told {
    const { local, plan } = this.peers.step(sight.machine === 0 ? this.#unborn[who] : sight.machine, event)
    let broken = plan.broken
    let endings = sight.ended
    if (plan.ended > 0) {
      if (hasBit(endings, plan.ended)) broken ??= endedTwice
      endings |= bit(plan.ended)
    }
    if (plan.followed > 0 && !hasBit(endings, plan.followed)) broken ??= unendedBefore
    const isSilent = this.peers.view(local).context.silentSinceMs !== null
    return {
      sight: { ...sight, machine: local, ended: endings, silence: isSilent ? sight.silence : 0 },
      forgetsVotes: plan.followed > 0 || plan.forgetsVotes,
      broken,
    }
  }
}

/** Generations in a set: a bit for each, from 1 on. */
const bit = (generation: number): number => 1 << (generation - 1)
export const hasBit = (set: number, generation: number): boolean => ((set >> (generation - 1)) & 1) === 1

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
