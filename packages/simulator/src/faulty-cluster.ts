import type { Role } from '@covey/protocol'
import type { Random } from '@covey/transport'
import type { Fault } from './fault.js'
import type { SimulatedNode } from './simulated-node.js'
import type { SimulatedWorld } from './simulated-world.js'

/** How long a supervisor waits before it starts a process again that ended by itself. */
const restartDelayMs = 500
/** Clocks start anywhere within a day. */
const clockOriginMaxMs = 86_400_000
const managersMax = 5
/** Under which everybody's trouble is kept; no node has this name. */
const everybody = ''

/** A cluster under supervision to which faults happen: what a schedule says is done to it here, and undone. */
export class FaultyCluster {
  readonly #world: SimulatedWorld
  readonly #names: readonly string[]
  readonly #random: Random
  readonly #lastTroubleMs = new Map<string, number>()
  /** How to end what still lasts, by what it concerns. */
  readonly #undo = new Map<string, () => void>()
  /** Names that are not to be started again before their time. */
  readonly #away = new Set<string>()

  constructor(world: SimulatedWorld, names: readonly string[], random: Random) {
    this.#world = world
    this.#names = names
    this.#random = random
  }

  start(): void {
    for (const name of this.#names) this.#start(name)
  }

  /** The last moment at which something was wrong with this name or with everybody; now where it still is. */
  readonly lastTroubleMs = (name: string): number => {
    const lasts = [...this.#undo.keys()].some((key) => key.endsWith(` ${name}`) || key.endsWith(' '))
    if (lasts) return this.#world.heap.now()
    return Math.max(this.#lastTroubleMs.get(name) ?? 0, this.#lastTroubleMs.get(everybody) ?? 0)
  }

  /** The processes that run. */
  up(): SimulatedNode[] {
    return this.#world.nodes.filter(({ isUp }) => isUp)
  }

  apply(fault: Fault): void {
    const { broker } = this.#world
    switch (fault.kind) {
      case 'crash':
        this.#crash(fault.node, fault.forMs)
        break
      case 'freeze':
        this.#freeze(fault.node, fault.forMs)
        break
      case 'cut':
        broker.cut(fault.node, fault.direction)
        this.#last('cut', fault.node, fault.forMs, () => broker.heal(fault.node))
        break
      case 'disconnect':
        broker.disconnect(fault.node)
        this.#trouble(fault.node)
        break
      case 'outage':
        broker.stop()
        this.#last('outage', everybody, fault.forMs, () => broker.start())
        break
      case 'leave':
        this.#leave(fault.node, fault.forMs)
        break
      case 'theft':
        this.#start(fault.node)
        break
      case 'drift':
        for (const node of this.#of(fault.node)) node.clock.drift(fault.rate)
        break
      case 'weather':
        this.#weather(fault)
    }
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
      if (!this.#away.has(name) && !served.has(name)) this.#startAfter(name, restartDelayMs)
    }
  }

  /** Ends everything that still lasts. */
  heal(): void {
    for (const undo of [...this.#undo.values()]) undo()
  }

  #of(name: string): SimulatedNode[] {
    return this.up().filter((node) => node.name === name)
  }

  #start(name: string): void {
    const isManager = this.#names.indexOf(name) < Math.min(managersMax, Math.ceil(this.#names.length / 3))
    const roles: Role[] = [isManager ? 'manager' : 'worker']
    this.#world.node(name, { roles, clockOriginMs: this.#random.next() * clockOriginMaxMs })
  }

  #startAfter(name: string, delayMs: number): void {
    this.#away.add(name)
    this.#world.heap.setTimeout(() => {
      this.#away.delete(name)
      if (this.#of(name).length === 0) this.#start(name)
    }, delayMs)
  }

  #crash(name: string, forMs: number): void {
    const nodes = this.#of(name)
    if (nodes.length === 0) return
    for (const node of nodes) node.kill()
    this.#startAfter(name, forMs)
  }

  #freeze(name: string, forMs: number): void {
    if (this.#undo.has(`freeze ${name}`)) return
    const nodes = this.#of(name)
    for (const node of nodes) node.freeze()
    this.#last('freeze', name, forMs, () => {
      for (const node of nodes) if (!node.isDead) node.thaw()
    })
  }

  #leave(name: string, forMs: number): void {
    const nodes = this.#of(name)
    if (nodes.length === 0) return
    for (const node of nodes) void node.leave('maintenance')
    this.#startAfter(name, forMs)
  }

  #weather({ forMs, kind, atMs: _, ...weather }: Extract<Fault, { kind: 'weather' }>): void {
    const { faults } = this.#world.broker
    const { lostMessage, lostWrite, lostAcknowledgement, staleRead, latencyMaxMs } = faults
    const fair = { lostMessage, lostWrite, lostAcknowledgement, staleRead, latencyMaxMs }
    if (this.#undo.has(`${kind} `)) return
    Object.assign(faults, weather)
    this.#last(kind, everybody, forMs, () => Object.assign(faults, fair))
  }

  #trouble(who: string): void {
    this.#lastTroubleMs.set(who, this.#world.heap.now())
  }

  /** Undoes a fault after its time; one of the same kind that comes meanwhile takes its place. */
  #last(kind: string, who: string, forMs: number, undo: () => void): void {
    const key = `${kind} ${who}`
    const end = (): void => {
      if (this.#undo.get(key) !== end) return
      this.#undo.delete(key)
      undo()
      this.#trouble(who)
    }
    this.#undo.set(key, end)
    this.#world.heap.setTimeout(end, forMs)
  }
}
