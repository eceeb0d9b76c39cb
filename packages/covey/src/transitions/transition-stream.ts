import type { Member, Notice } from '@covey/actors'
import {
  errorFromReport,
  type FoldedPlace,
  limits,
  nodeId,
  type Subjects,
  type Transition,
  transitionMessage,
  watchMessage,
  watchState,
} from '@covey/protocol'
import type { Bus, BusMessage, Clock, Stop } from '@covey/transport'
import { Observable, Subject, type Subscription } from 'rxjs'
import { type ActorFilter, type ActorPatterns, actorFilter, patternsOf } from './actor-filter.js'
import { KnownActors, keyOf } from './known-actors.js'
import { NodeWatch } from './node-watch.js'
import type { TransitionFilter } from './typed-transition.js'

/** What a stream of transitions stands on. */
export interface TransitionStreamOptions {
  readonly bus: Bus
  readonly subjects: Subjects
  readonly clock: Clock
  readonly members$: Observable<readonly Member[]>
  /** Names the watch at every node: unique in the cluster. */
  readonly watch: string
  readonly filter: TransitionFilter
  readonly notice: (notice: Notice) => void
  /** Hears whenever `silent` may be otherwise. */
  readonly onNews?: () => void
  /** Nobody subscribes any more. */
  readonly onStop: () => void
}

/**
 * The transitions of all nodes that pass one filter, shared by all who subscribe: the nodes are asked from the first
 * subscription to the end of the last, and a later subscriber is told the state from what is known.
 */
export class TransitionStream {
  readonly transitions$: Observable<Transition>
  readonly #options: TransitionStreamOptions
  readonly #patterns: ActorPatterns
  readonly #passes: ActorFilter
  readonly #inbox: string
  readonly #known = new KnownActors()
  readonly #watches = new Map<string, NodeWatch>()
  readonly #stops: Stop[] = []
  #told = new Subject<Transition>()
  #members: Subscription | undefined
  #isListed = false
  #renewal: unknown

  constructor(options: TransitionStreamOptions) {
    const { node } = options.filter
    if (node !== undefined) nodeId(node)
    this.#options = options
    this.#patterns = patternsOf(options.filter)
    this.#passes = actorFilter(this.#patterns)
    this.#inbox = `${options.bus.inbox()}.${options.watch}`
    this.transitions$ = new Observable((subscriber) => {
      const told = this.#told
      if (!told.observed) this.#start()
      for (const known of [...this.#known.all()])
        subscriber.next({ ...known, from: '', event: '', elapsedMs: 0 })
      const subscription = told.subscribe({
        next: (transition) => subscriber.next(transition),
        error: (error) => subscriber.error(error),
      })
      return () => {
        subscription.unsubscribe()
        if (told === this.#told && !told.observed) this.#stop()
      }
    })
  }

  /** Nodes that take part and have not told their state; `undefined` until it is known which do. */
  get silent(): readonly { readonly node: string; readonly generation: number }[] | undefined {
    if (!this.#isListed) return undefined
    return [...this.#watches].flatMap(([node, { generation, hasTold }]) =>
      hasTold ? [] : [{ node, generation }],
    )
  }

  #start(): void {
    const { bus, subjects, filter, members$ } = this.#options
    const subject = filter.node === undefined ? subjects.transitions : subjects.transitionsOf(filter.node)
    this.#stops.push(
      bus.subscribe(`${this.#inbox}.*`, (message) => this.#guard(message, () => this.#takeState(message))),
    )
    this.#stops.push(
      bus.subscribe(subject, (message) => this.#guard(message, () => this.#takeTransition(message))),
    )
    this.#stops.push(bus.onNews((news) => news.kind === 'state' && news.state === 'up' && this.#renew()))
    this.#members = members$.subscribe({
      next: (members) => this.#follow(members),
      error: (error) => this.#end(error),
    })
    this.#arm()
  }

  #stop(): void {
    for (const stop of this.#stops.splice(0)) stop()
    this.#members?.unsubscribe()
    this.#options.clock.clearTimeout(this.#renewal)
    for (const node of [...this.#watches.keys()]) this.#leave(node)
    this.#known.clear()
    this.#options.onStop()
  }

  #end(error: unknown): void {
    const told = this.#told
    this.#told = new Subject()
    this.#stop()
    told.error(error)
  }

  #arm(): void {
    this.#renewal = this.#options.clock.setTimeout(() => {
      this.#renew()
      this.#arm()
    }, limits.watchTtlMs / 3)
  }

  #renew(): void {
    for (const watch of this.#watches.values()) watch.renew()
  }

  /** Watches each node that takes part, by its newest generation, and no other. */
  #follow(members: readonly Member[]): void {
    const { filter } = this.#options
    for (const { nodeId: node, generation, state } of members) {
      if (filter.node !== undefined && filter.node !== node) continue
      const takesPart = state === 'active' || state === 'leaving'
      if (this.#watches.get(node)?.generation !== generation || !takesPart) this.#leave(node)
      if (takesPart && !this.#watches.has(node)) this.#watches.set(node, this.#watch(node, generation))
    }
    this.#isListed = true
    this.#options.onNews?.()
  }

  #leave(node: string): void {
    const watch = this.#watches.get(node)
    if (watch === undefined) return
    watch.stop()
    this.#watches.delete(node)
    this.#known.dropNode(node)
    this.#request(node, watch.generation, 0, 0)
  }

  #watch(node: string, generation: number): NodeWatch {
    return new NodeWatch({
      node,
      generation,
      clock: this.#options.clock,
      request: (ask) => this.#request(node, generation, ask, limits.watchTtlMs),
      onState: (state, folded) => {
        this.#tellState(node, state, folded)
        this.#options.onNews?.()
      },
      onTransition: (transition) => this.#tell(transition),
    })
  }

  /** A request that is lost is made again by the watch; one for 0 ms ends the watch at the node. */
  #request(node: string, generation: number, ask: number, ttlMs: number): void {
    const { bus, subjects, watch } = this.#options
    const [actors, kinds] = [[...this.#patterns.actors], [...this.#patterns.kinds]]
    const data = watchMessage.encode({ watch, actors, kinds, ttlMs, withState: ask > 0 })
    bus.publish(subjects.channel(node, generation, 'watch'), data, `${this.#inbox}.${ask}`)
  }

  #takeState({ subject, data }: BusMessage): void {
    const state = watchState.decode(data)
    if (state.error !== undefined) {
      this.#end(errorFromReport(state.error))
      return
    }
    const watch = this.#watches.get(state.node)
    if (watch?.generation === state.generation)
      watch.takeState(Number(subject.slice(this.#inbox.length + 1)), state)
  }

  #takeTransition({ data }: BusMessage): void {
    const message = transitionMessage.decode(data)
    const watch = this.#watches.get(message.transition.node)
    if (watch?.generation === message.transition.generation) watch.takeTransition(message)
  }

  /** Tells what a node states where it differs from what was told last, and the end of what it no longer has. */
  #tellState(node: string, state: readonly Transition[], folded: readonly FoldedPlace[]): void {
    const told = [...this.#known.localsOf(node), ...this.#known.foldedUpTo(folded)]
    const gone = new Map(told.map((known) => [keyOf(known), known]))
    for (const stated of state) {
      gone.delete(keyOf(stated))
      const known = this.#known.find(stated)
      // It ended while the state was being told, and had not been told of.
      if (stated.to === '' && known === undefined) continue
      this.#tell({ ...stated, from: known?.to ?? '' }, known?.to === stated.to)
    }
    for (const known of gone.values())
      this.#tell({ ...known, from: known.to, event: '', to: '', elapsedMs: 0 })
  }

  #tell(transition: Transition, quietly = false): void {
    if (!this.#passes(transition)) return
    if (this.#known.learn(transition) && !quietly) this.#told.next(transition)
  }

  /** A frame that does not fit is counted and dropped; what this side cannot hold ends the stream. */
  #guard(message: BusMessage, take: () => void): void {
    try {
      take()
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'overloaded') this.#end(error)
      else this.#options.notice({ kind: 'frame.refused', subject: message.subject, error })
    }
  }
}
