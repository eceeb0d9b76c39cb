import type { ActorRefFromLogic, AnyActorLogic, AnyActorRef, EventObject, Snapshot } from 'xstate'
import type {
  ActorFailure,
  ActorSystem,
  ActorSystemOptions,
  DeadLetter,
  RestoreOptions,
  SpawnOptions,
  TransitionTap,
} from './actor-system-contract.js'
import { ActorTimers } from './actor-timers.js'
import { AddressedActor, type Tenancy } from './addressed-actor.js'
import { ChurnMap } from './churn-map.js'
import type { EngineClock } from './engine-clock.js'
import { defaultEngineLimits, type EngineLimits } from './engine-limits.js'
import { EventQueue } from './event-queue.js'
import { createHostParent } from './host-system.js'
import type { PendingTimer } from './own-timers.js'
import { restartDelayMs } from './restart-backoff.js'
import { TransitionWatch } from './transition-watch.js'
import { internalsOf, isStopped } from './xstate-internals.js'

const nothing = (): void => undefined
const BIRTH = 'xstate.init'

const rethrowLater =
  (clock: EngineClock) =>
  ({ error }: ActorFailure): unknown =>
    clock.setTimeout(() => {
      throw error
    }, 0)

/** An actor system on the given clock, without actors. It starts nothing by itself and ends with `stopAll()`. */
export const createActorSystem = (options: ActorSystemOptions): ActorSystem => new LocalActorSystem(options)

class LocalActorSystem implements ActorSystem {
  readonly node: string
  deadLetters = 0
  readonly #options: ActorSystemOptions
  readonly #limits: EngineLimits
  readonly #actors = new ChurnMap<string, AddressedActor>()
  readonly #queue = new EventQueue()
  readonly #timers: ActorTimers
  readonly #parent: AnyActorRef
  readonly #watch: TransitionWatch
  #busy = false
  /** Type of the event in delivery, for the tap. */
  #cause = BIRTH

  constructor(options: ActorSystemOptions) {
    this.node = options.node
    this.#options = options
    this.#limits = { ...defaultEngineLimits, ...options.limits }
    const { clock, node } = options
    this.#watch = new TransitionWatch(clock, options.onTransition)
    this.#timers = new ActorTimers(clock, this.#limits.timersPerActorMax, (_source, target, event) =>
      this.#enqueue(target, event),
    )
    this.#parent = createHostParent({
      node,
      clock,
      timers: this.#timers,
      relay: (target, event) => this.#enqueue(target, event),
      toParent: (source, event) => this.#hear(source, event),
      unregister: (actor) => this.#ended(actor),
      find: (address) => this.#actors.get(address),
      all: () => Object.fromEntries(this.#actors.entries()),
    })
  }

  get tap(): TransitionTap | undefined {
    return this.#watch.tap
  }

  set tap(tap: TransitionTap | undefined) {
    this.#watch.begin(tap, this.#actors.values())
  }

  spawn<TLogic extends AnyActorLogic>(
    logic: TLogic,
    options: SpawnOptions<TLogic>,
  ): ActorRefFromLogic<TLogic> {
    const { id, input, supervision = 'stop' } = options
    const tenancy = { supervision, restarts: 0, startedAtMs: this.#options.clock.now() }
    return this.#start(logic, { id, input }, tenancy)
  }

  restore<TLogic extends AnyActorLogic>(logic: TLogic, options: RestoreOptions): ActorRefFromLogic<TLogic> {
    const { id, snapshot, timers } = options
    const tenancy = { supervision: 'stop', restarts: 0, startedAtMs: this.#options.clock.now() } as const
    const actor = this.#start(logic, { id, snapshot }, tenancy)
    if (isStopped(actor)) return actor
    for (const timer of timers.toSorted((one, other) => one.dueMs - other.dueMs))
      this.#timers.arm(actor, actor, timer)
    return actor
  }

  send(address: string, event: EventObject): void {
    this.#enqueue(address, event)
  }

  snapshot(address: string): Snapshot<unknown> | undefined {
    return this.#actors.get(address)?.getSnapshot()
  }

  has(address: string): boolean {
    return this.#actors.has(address)
  }

  addresses(): string[] {
    return [...this.#actors.keys()]
  }

  timersOf(address: string): PendingTimer[] {
    const actor = this.#actors.get(address)
    return actor === undefined ? [] : this.#timers.of(actor)
  }

  stop(address: string): boolean {
    const actor = this.#actors.get(address)
    if (actor === undefined) return false
    if (isStopped(actor)) {
      this.#options.clock.clearTimeout(actor.restartTimer)
      this.#actors.delete(address)
    } else this.#turn(() => internalsOf(actor)._stop())
    return true
  }

  stopAll(): void {
    this.#turn(() => {
      for (const address of this.addresses()) this.stop(address)
    })
  }

  #start<TLogic extends AnyActorLogic>(
    logic: TLogic,
    options: { readonly id: string; readonly input?: unknown; readonly snapshot?: Snapshot<unknown> },
    tenancy: Tenancy,
  ): ActorRefFromLogic<TLogic> {
    const { id } = options
    if (this.#actors.has(id)) throw new Error(`Address ${id} is taken`)
    if (this.#actors.size >= this.#limits.actorsMax)
      throw new Error(`${this.#actors.size} actors live here, the limit`)
    const actor = new AddressedActor<AnyActorLogic>(logic, { parent: this.#parent, ...options }, tenancy)
    this.#actors.set(id, actor)
    this.#turn(() => {
      const cause = this.#cause
      this.#cause = BIRTH
      actor.start()
      this.#watch.show(actor, BIRTH)
      this.#cause = cause
    })
    return actor as unknown as ActorRefFromLogic<TLogic>
  }

  #enqueue(to: string | AnyActorRef, event: EventObject): void {
    // Where nobody is at work and nothing waits, it takes no place in the queue.
    if (!this.#busy && this.#queue.length === 0) {
      this.#turn(() => this.#deliver(to, event))
      return
    }
    if (this.#queue.length < this.#limits.pendingEventsMax) this.#queue.push(to, event)
    else this.#deadLetter(to, event, 'overflow')
    if (!this.#busy) this.#turn(nothing)
  }

  /**
   * Does `first`, then delivers until the queue is empty; inside another turn only `first`, for that turn
   * delivers. Only a callback of the host can throw here: it reaches who began the turn, and what is still
   * queued goes on in the clock's next turn.
   */
  #turn(first: () => void): void {
    if (this.#busy) {
      first()
      return
    }
    this.#busy = true
    try {
      first()
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        this.#deliver(next.to, next.event)
      }
    } finally {
      this.#busy = false
      this.#timers.settle()
      if (this.#queue.length > 0) this.#options.clock.setTimeout(() => this.#turn(nothing), 0)
    }
  }

  #deliver(to: string | AnyActorRef, event: EventObject): void {
    const actor = typeof to === 'string' ? this.#actors.get(to) : to
    if (actor === undefined) this.#deadLetter(to, event, 'unknown')
    else if (isStopped(actor)) this.#deadLetter(to, event, actor === to ? 'stopped' : 'restarting')
    else {
      this.#cause = event.type
      internalsOf(actor)._send(event)
      if (actor instanceof AddressedActor) this.#watch.show(actor, event.type)
    }
  }

  #deadLetter(to: string | AnyActorRef, event: EventObject, reason: DeadLetter['reason']): void {
    this.deadLetters += 1
    this.#options.onDeadLetter?.({ address: typeof to === 'string' ? to : to.id, event, reason })
  }

  /** An actor or a child of one has ended; what failed keeps its address until its supervision has decided. */
  #ended(actor: AnyActorRef): void {
    const addressed = this.#actors.get(actor.id)
    if (addressed !== actor) return
    const { status }: { status: string } = actor.getSnapshot()
    this.#watch.end(addressed, this.#cause, status)
    if (status !== 'error') this.#actors.delete(actor.id)
  }

  /** What an addressed actor says to the parent it does not have: its failure is ours, its end the tap has told. */
  #hear(source: AnyActorRef, event: EventObject): void {
    const actor = this.#actors.get(source.id)
    if (event.type.startsWith('xstate.done.actor.')) return
    const failed = event.type.startsWith('xstate.error.actor.') && 'error' in event
    if (failed && actor === source) this.#fail(actor, event.error)
    else this.#deadLetter(this.node, event, 'unknown')
  }

  #fail(actor: AddressedActor, error: unknown): void {
    const { clock, onActorError } = this.#options
    const { tenancy, id: address } = actor
    const livedMs = clock.now() - tenancy.startedAtMs
    const restarts = livedMs > this.#limits.restartWindowMs ? 0 : tenancy.restarts
    const delayMs = tenancy.supervision === 'restart' ? restartDelayMs(restarts, this.#limits) : undefined
    if (delayMs === undefined) this.#actors.delete(address)
    else actor.restartTimer = clock.setTimeout(() => this.#restart(actor, restarts + 1), delayMs)
    const report = onActorError ?? rethrowLater(clock)
    report({ address, error, restartDelayMs: delayMs })
  }

  #restart(failed: AddressedActor, restarts: number): void {
    this.#actors.delete(failed.id)
    const { supervision } = failed.tenancy
    const tenancy = { supervision, restarts, startedAtMs: this.#options.clock.now() }
    this.#start(failed.logic, { id: failed.id, input: failed.options.input }, tenancy)
  }
}
