import { brokerServers, type Random } from '@covey/transport'
import type { Fault, FaultKind, FaultOf } from './fault.js'
import { ManagersDoor } from './managers-door.js'
import { Operator, type PutOut } from './operator.js'
import { Parent } from './parent.js'
import type { SimulatedNode } from './simulated-node.js'
import type { SimulatedWorld } from './simulated-world.js'
import { type OptionsOfNode, SupervisedProcesses } from './supervised-processes.js'
import { everybody, Troubles } from './troubles.js'

type Doing = { readonly [Kind in FaultKind]: (fault: FaultOf<Kind>) => void }

/** Before a process that is to start slowly is started again. */
const slowStartDelayMs = 500

/** A cluster under supervision to which faults happen: what a schedule says is done to it here, and undone. */
export class FaultyCluster {
  readonly #world: SimulatedWorld
  readonly #processes: SupervisedProcesses
  readonly #troubles: Troubles
  readonly #parent: Parent
  readonly #operator: Operator
  #isHealed = false
  #powerLosses = 0
  #guests = 0
  #hasCopy = false
  #managerJumpMs = Number.NEGATIVE_INFINITY

  constructor(
    world: SimulatedWorld,
    names: readonly string[],
    random: Random,
    optionsOf: OptionsOfNode = () => ({}),
  ) {
    const { heap, broker } = world
    this.#world = world
    this.#processes = new SupervisedProcesses(world, names, random, optionsOf)
    this.#troubles = new Troubles(heap)
    const managers = (): SimulatedNode[] =>
      this.up().filter(({ name, generation }) => generation > 0 && this.#processes.isManager(name))
    this.#parent = new Parent(new ManagersDoor('parent', world, managers))
    this.#operator = new Operator(new ManagersDoor('operator', world, managers), heap)
    for (const [index, name] of names.entries()) broker.servers.place(name, index % brokerServers)
  }

  start(): void {
    for (const name of this.#processes.names) this.#processes.start(name)
  }

  /** The last moment at which something was wrong with this name or with everybody; now where it still is. */
  readonly lastTroubleMs = (name: string): number => this.#troubles.lastMs(name)

  /** How often everything lost its power: what was known before, nobody who lives has seen. */
  readonly powerLosses = (): number => this.#powerLosses

  /** Names whose eviction an operator has asked for at any time. */
  readonly evictionsAsked = (): ReadonlySet<string> => this.#operator.asked

  /** Names that are out of the cluster by the word of a manager. */
  readonly out = (): ReadonlyMap<string, PutOut> => this.#operator.out

  /** When the clock of a manager went forward at once for the last time. */
  readonly managerJumpMs = (): number => this.#managerJumpMs

  /** The processes that run. */
  up(): SimulatedNode[] {
    return this.#processes.up()
  }

  apply(fault: Fault): void {
    const act = this.#doing[fault.kind] as (fault: Fault) => void
    act(fault)
  }

  /** Ends those of these processes that are over, and starts their names again. */
  supervise(nodes: readonly SimulatedNode[]): void {
    this.#processes.supervise(nodes)
    for (const { name, end, notReady } of nodes) {
      const isOut = end?.reason === 'evicted' || notReady?.code === 'evicted'
      if (isOut && !this.#operator.wantsOut(name)) void this.#operator.readmit(name)
    }
  }

  /** Ends everything that still lasts; nothing begins any more. */
  heal(): void {
    this.#isHealed = true
    this.#troubles.endAll()
  }

  readonly #doing: Doing = {
    crash: ({ node, forMs }) => this.#crash(node, forMs),
    exit: (fault) => this.#exit(fault),
    freeze: ({ node, forMs }) => this.#standStill(node, forMs, (process) => process.freeze()),
    stall: ({ node, forMs }) => this.#standStill(node, forMs, (process) => process.stall()),
    suspend: ({ node, forMs }) => this.#standStill(node, forMs, (process) => process.suspend()),
    slowStart: (fault) => this.#slowStart(fault),
    leave: ({ node, forMs }) => this.#leave(node, forMs),
    evict: ({ node, forMs }) => this.#evict(node, forMs),
    theft: ({ node }) => void this.#processes.start(node),
    sharedAddress: (fault) => this.#shareAddress(fault),
    drift: ({ node, rate }) => this.#each(node, ({ parts }) => parts.each(({ clock }) => clock.drift(rate))),
    jump: ({ node, byMs }) => {
      this.#each(node, ({ parts }) => parts.each(({ clock }) => clock.jump(byMs)))
      if (this.#processes.isManager(node)) this.#managerJumpMs = this.#world.heap.now()
      this.#troubles.note(node)
    },
    restartStorm: (fault) => this.#restartAll(fault),
    joinStorm: (fault) => this.#invite(fault),
    cut: ({ node, direction, forMs }) => {
      this.#world.broker.cut(node, direction)
      this.#troubles.last('cut', node, forMs, () => this.#world.broker.heal(node))
    },
    slow: ({ node, extraMs, forMs }) => {
      this.#world.broker.slow(node, extraMs)
      this.#troubles.last('slow', node, forMs, () => this.#world.broker.slow(node, 0))
    },
    split: ({ severed, forMs }) => {
      const { servers } = this.#world.broker
      servers.sever(severed)
      this.#troubles.last('split', everybody, forMs, () => servers.sever([]))
    },
    disconnect: ({ node }) => {
      this.#world.broker.disconnect(node)
      this.#troubles.note(node)
    },
    outage: ({ forMs }) => this.#stopBroker(forMs),
    stores: (fault) => this.#hinderStores(fault),
    weather: ({ kind, atMs: _, forMs, ...weather }) => this.#change(kind, weather, forMs),
    disorder: ({ kind, atMs: _, forMs, ...disorder }) => this.#change(kind, disorder, forMs),
    powerLoss: (fault) => this.#losePower(fault),
    restore: (fault) => this.#restore(fault),
  }

  #each(name: string, act: (node: SimulatedNode) => void): void {
    for (const node of this.#processes.of(name)) act(node)
  }

  #crash(name: string, forMs: number): void {
    if (this.#processes.kill(name).length > 0) this.#processes.startAfter(name, forMs)
  }

  #exit({ node, forMs, toldAfterMs }: FaultOf<'exit'>): void {
    const killed = this.#processes.killGroup(node)
    for (const process of killed)
      this.#world.heap.setTimeout(() => void this.#parent.tell(process), toldAfterMs)
    if (killed.length > 0) this.#processes.startAfter(node, forMs)
  }

  #standStill(name: string, forMs: number, begin: (node: SimulatedNode) => void): void {
    if (this.#troubles.lasts('standstill', name)) return
    const nodes = this.#processes.of(name)
    for (const node of nodes) begin(node)
    this.#troubles.last('standstill', name, forMs, () => {
      for (const node of nodes) if (!node.isDead) node.thaw()
    })
  }

  #slowStart({ node, afterMs, forMs }: FaultOf<'slowStart'>): void {
    if (this.#processes.kill(node).length === 0) return
    this.#processes.startAfter(node, slowStartDelayMs, {}, () => {
      this.#later(afterMs, () => this.#standStill(node, forMs, (process) => process.freeze()))
    })
  }

  /** A part of a fault that comes later than its beginning: not any more once all is to be well. */
  #later(delayMs: number, act: () => void): void {
    this.#world.heap.setTimeout(() => {
      if (!this.#isHealed) act()
    }, delayMs)
  }

  #leave(name: string, forMs: number): void {
    const nodes = this.#processes.of(name)
    if (nodes.length === 0) return
    for (const node of nodes) void node.leave('maintenance')
    this.#processes.startAfter(name, forMs)
  }

  /** One manager at a time: somebody has to be left who can take it in again. */
  #evict(name: string, forMs: number): void {
    const { names } = this.#processes
    const isOut = (other: string): boolean => this.#troubles.lasts('evict', other)
    const managers = names.filter((other) => this.#processes.isManager(other))
    const isNeeded = managers.includes(name) && (managers.length === 1 || managers.some(isOut))
    if (isOut(name) || isNeeded) return
    void this.#operator.evict(name)
    this.#troubles.last('evict', name, forMs, () => void this.#operator.readmit(name))
  }

  #shareAddress({ node, with: other, forMs }: FaultOf<'sharedAddress'>): void {
    const [neighbour] = this.#processes.of(other)
    if (neighbour === undefined || this.#processes.kill(node).length === 0) return
    const { pid, host } = neighbour
    this.#processes.startAfter(node, forMs, { pid, host })
  }

  #restartAll({ withinMs, forMs }: FaultOf<'restartStorm'>): void {
    const { names } = this.#processes
    for (const [index, name] of names.entries()) {
      this.#later((withinMs * index) / names.length, () => this.#crash(name, forMs))
    }
  }

  #invite({ nodes, forMs }: FaultOf<'joinStorm'>): void {
    if (this.#troubles.lasts('guests', everybody)) return
    const guests = Array.from({ length: nodes }, () => {
      this.#guests += 1
      return this.#processes.start(`guest${this.#guests}`)
    })
    this.#troubles.last('guests', everybody, forMs, () => {
      for (const [index, guest] of guests.entries()) {
        if (index % 2 === 0) guest.kill()
        else void guest.leave('cluster_rebalance')
      }
    })
  }

  #stopBroker(forMs: number): boolean {
    if (this.#troubles.lasts('outage', everybody)) return false
    const { broker } = this.#world
    broker.stop()
    this.#troubles.last('outage', everybody, forMs, () => broker.start())
    return true
  }

  #losePower({ forMs, lost }: FaultOf<'powerLoss'>): void {
    if (!this.#stopBroker(forMs)) return
    this.#powerLosses += 1
    for (const node of this.up()) node.kill()
    this.#world.broker.loseFactsSuffix(lost)
    this.#operator.forget()
    for (const name of this.#processes.names) this.#processes.startAfter(name, forMs)
  }

  #restore({ afterMs, forMs }: FaultOf<'restore'>): void {
    if (this.#hasCopy) return // A second one could be of what the first has undone.
    this.#hasCopy = true
    const putBack = this.#world.broker.copyWork()
    this.#later(afterMs, () => {
      this.#hasCopy = false
      if (this.#stopBroker(forMs)) putBack()
    })
  }

  #hinderStores({ kind, answer, forMs }: FaultOf<'stores'>): void {
    const full = { storeBytesMax: { facts: 0, outbox: 0, objects: 0, log: 0 } }
    this.#change(kind, answer === 'full' ? full : { storeAnswers: answer }, forMs)
  }

  /** Changes how unkind the broker is, for a while. */
  #change(kind: FaultKind, change: Partial<SimulatedWorld['broker']['faults']>, forMs: number): void {
    if (this.#troubles.lasts(kind, everybody)) return
    const { faults } = this.#world.broker
    const fair = { ...faults }
    Object.assign(faults, change)
    this.#troubles.last(kind, everybody, forMs, () => {
      for (const key of Object.keys(change)) Object.assign(faults, { [key]: fair[key as keyof typeof fair] })
    })
  }
}
