import {
  type Ending,
  type Environment,
  type MemberNews,
  type Members,
  type Membership,
  type MembershipEnd,
  type NodePart,
  type Notice,
  type Self,
  startMembership,
} from '@covey/actors'
import { type ActorTransition, createActorSystem, type HeapClock } from '@covey/engine'
import { type CoveyError, type GoodbyeReason, type Subjects, singleServerTimings } from '@covey/protocol'
import type { MemoryBroker, Random } from '@covey/transport'
import { EventLoop } from './event-loop.js'
import type { NodeOptions } from './node-options.js'
import { observeLinks, type Passed } from './observed-links.js'
import { ProcessParts } from './process-parts.js'
import { SimulatedClock } from './simulated-clock.js'

/** What a node runs in. */
export interface NodeGround {
  readonly heap: HeapClock
  readonly broker: MemoryBroker
  readonly random: Random
  readonly subjects: Subjects
  /** Something about a node is not as it was: a transition, a notice, news of a member, its leaving, its end. */
  onChange(node: SimulatedNode): void
}

const endingText = ({ nodeId, generation, how, dirty }: Ending): string =>
  `${nodeId}.${generation} ${how}${dirty ? ' dirty' : ''}`

/** One process of a virtual world, from its start to its death. */
export class SimulatedNode {
  readonly name: string
  readonly env: Environment
  readonly clock: SimulatedClock
  /** What its actors went through, where it keeps that. */
  readonly transitions: ActorTransition[] = []
  readonly notices: Notice[] = []
  /** What it was told of members since it started or came back, where it keeps that. */
  news: MemberNews[] = []
  /** How `ready` ended, once it has. */
  self: Self | undefined
  notReady: CoveyError | undefined
  end: MembershipEnd | undefined
  membership: Membership
  /** Killed: what is left of it is left with its process. */
  isDead = false
  /** When it was asked to say goodbye, in the time of the world. */
  leaveCalledAtMs: number | undefined
  /** `name-process`: two processes may share a name. */
  readonly address: string
  readonly host: string
  readonly pid: number
  /** What passed through its links that must be looked at. */
  readonly passed: Passed
  /** Its event loop, its threads, and processes that it has started. */
  readonly parts = new ProcessParts()
  readonly #options: NodeOptions
  readonly #heap: HeapClock
  readonly #onChange: (node: SimulatedNode) => void
  readonly #nodeParts: readonly NodePart[]
  readonly #loop: EventLoop

  constructor(name: string, process: number, ground: NodeGround, options: NodeOptions) {
    const { heap, broker, random, subjects, onChange } = ground
    this.#onChange = onChange
    this.name = name
    this.#options = options
    this.#heap = heap
    this.address = `${name}-${process}`
    this.host = options.host ?? 'virtual'
    this.pid = options.pid ?? process
    this.clock = new SimulatedClock(heap, options.clockOriginMs)
    this.#loop = new EventLoop({ heap, clock: this.clock, broker, address: this.address })
    this.parts.add(this.#loop)
    const onTransition = (transition: ActorTransition): void => {
      this.transitions.push(transition)
      onChange(this)
    }
    const system = createActorSystem({
      node: name,
      clock: this.clock,
      onActorError: ({ address, error }) => this.#note({ kind: 'defect', what: address, error }),
      ...(options.keepsHistory === false ? {} : { onTransition }),
    })
    this.env = {
      system,
      links: broker.open(name, String(process), this.clock),
      subjects,
      clock: this.clock,
      random,
      timings: { ...singleServerTimings, ...options.timings },
      notice: (notice) => this.#note(notice),
    }
    this.passed = observeLinks(this.env.links, {
      subjects,
      now: () => this.clock.now(),
      standing: () => ({ generation: this.generation, state: this.membership.state() }),
      onChange: () => onChange(this),
    })
    const [members, sessions] = [() => this.membership.members, () => this.membership.sessions]
    this.#nodeParts = options.parts?.(this.env, members, sessions) ?? []
    this.membership = this.#start()
  }

  get members(): Members {
    return this.membership.members
  }

  /** The others as this node sees them, in the order of their names: `b.1 active, c.2 suspect`. */
  get view(): string {
    return this.members
      .all()
      .filter(({ nodeId }) => nodeId !== this.name)
      .map(({ nodeId, generation, state }) => `${nodeId}.${generation} ${state}`)
      .toSorted()
      .join(', ')
  }

  /** The generation that it says it has; 0 before the first. */
  get generation(): number {
    return this.members.find(this.name)?.generation ?? 0
  }

  /** Whether the process runs and has not been told that it is over. */
  get isUp(): boolean {
    return !this.isDead && this.end === undefined && this.notReady === undefined
  }

  /** For how long it has not stood still, in the time of the world; 0 while it does. */
  goesOnForMs(): number {
    return this.#loop.goesOnForMs()
  }

  /** What ended, in the order in which this node was told: `b.1 left`. */
  get endings(): string[] {
    return this.news.flatMap((news) => (news.kind === 'ended' ? [endingText(news.ending)] : []))
  }

  /** The states that one of its actors went through. */
  path(actor: string): string[] {
    return this.transitions.flatMap(({ actor: id, to }) => (id === actor && to !== '' ? [to] : []))
  }

  /** What went wrong in a way that must not happen. */
  get defects(): Notice[] {
    return this.notices.filter(({ kind }) => kind === 'defect')
  }

  leave(reason: GoodbyeReason = 'graceful_shutdown'): Promise<void> {
    this.leaveCalledAtMs ??= this.#heap.now()
    this.#onChange(this)
    return this.membership.leave(reason)
  }

  /** The same process comes back after its goodbye, under a new generation (A9). */
  rejoin(): void {
    this.self = undefined
    this.notReady = undefined
    this.end = undefined
    this.news = []
    this.membership = this.#start()
  }

  /** SIGSTOP. */
  freeze(): void {
    this.parts.each((part) => part.freeze())
  }

  /** Its event loop turns no more until `thaw`; its other threads do. */
  stall(): void {
    this.parts.each((part) => part.stall())
  }

  /** Its machine sleeps until `thaw`, and its clock with it. */
  suspend(): void {
    this.parts.each((part) => part.suspend())
  }

  /** SIGCONT. */
  thaw(): void {
    this.parts.each((part) => part.thaw())
  }

  /** SIGKILL: not a word more. */
  kill(): void {
    this.isDead = true
    this.#onChange(this)
    this.parts.each((part) => part.orphan())
  }

  /** Its host is gone, and all that it has started: not a word more, and nobody closes its connections. */
  vanish(): void {
    this.isDead = true
    this.#onChange(this)
    this.parts.each((part) => part.kill())
  }

  async close(): Promise<void> {
    if (this.isDead) return
    this.thaw()
    await this.membership.close()
    this.env.system.stopAll()
    await this.env.links.close()
  }

  #note(notice: Notice): void {
    this.notices.push(notice)
    this.#onChange(this)
  }

  #start(): Membership {
    const { roles = ['worker'], slots = 1, labels = [], version = '1.0.0', replace = false } = this.#options
    const { otherSettings = false } = this.#options
    const membership = startMembership(this.env, {
      nodeId: this.name,
      roles,
      ...{ slots, labels },
      host: this.host,
      pid: this.pid,
      version,
      since: 'the beginning',
      replace,
      otherSettings,
      parts: this.#nodeParts,
      manager: this.#options.manager ?? roles.includes('manager'),
    })
    membership.members.onNews((news) => {
      if (this.#options.keepsHistory !== false) this.news.push(news)
      this.#onChange(this)
    })
    membership.ready.then(
      (self) => {
        this.self = self
      },
      (error: CoveyError) => {
        this.notReady = error
        this.#onChange(this)
      },
    )
    void membership.closed.then((end) => {
      this.end = end
      this.#onChange(this)
    })
    return membership
  }
}
