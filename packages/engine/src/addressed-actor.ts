import type { ActorOptions, AnyActorLogic, Observer, SnapshotFrom, StateValue, Subscription } from 'xstate'
import { BareActor, observersOf } from './bare-actor.js'
import { isStopped } from './xstate-internals.js'

/** What becomes of an actor that throws: it ends, or it is started again from its input under the same address. */
export type Supervision = 'stop' | 'restart'

/** What the system keeps about an actor beside what xstate does. */
export interface Tenancy {
  readonly supervision: Supervision
  /** Restarts in a row that led to this incarnation. */
  readonly restarts: number
  readonly startedAtMs: number
}

/** Whoever subscribes, with any of its callbacks. */
type Told<Value> = { readonly [Key in keyof Observer<Value>]: Observer<Value>[Key] | undefined }

/**
 * An observer as stock's actors tell it. Stock binds three methods for each; here the one that it takes off its observer
 * before it calls it is bound when an actor fails, and not for every one that lives.
 */
class Listener<Value> {
  readonly #observer: Told<Value>

  constructor(observer: Told<Value>) {
    this.#observer = observer
  }

  next(value: Value): void {
    this.#observer.next?.(value)
  }

  get error(): (failure: unknown) => void {
    return (failure) => this.#observer.error?.(failure)
  }

  complete(): void {
    this.#observer.complete?.()
  }
}

/** A stock actor that lives under an address of the system, its `id`. */
export class AddressedActor<TLogic extends AnyActorLogic = AnyActorLogic> extends BareActor<TLogic> {
  readonly tenancy: Tenancy
  /** Name of the chart, for those who watch. */
  readonly kind: string
  /** The state last shown to the transition tap. */
  shownState: StateValue | undefined = undefined
  shownSinceMs: number
  /** Timer of the restart to come, while this incarnation is dead and the next not yet born. */
  restartTimer: unknown = undefined

  constructor(logic: TLogic, options: ActorOptions<TLogic>, tenancy: Tenancy) {
    super(logic, options)
    this.tenancy = tenancy
    this.shownSinceMs = tenancy.startedAtMs
    this.kind = 'id' in logic && typeof logic.id === 'string' ? logic.id : 'actor'
  }

  /**
   * As stock, but an observer without an error callback does not turn the actor's failure into an uncaught
   * exception of the process: failures are the supervisor's and reach it in any case.
   */
  override subscribe(
    nextOrObserver?: Observer<SnapshotFrom<TLogic>> | ((snapshot: SnapshotFrom<TLogic>) => void),
    error?: (error: unknown) => void,
    complete?: () => void,
  ): Subscription {
    const observer =
      typeof nextOrObserver === 'object' ? nextOrObserver : { next: nextOrObserver, error, complete }
    const listener = new Listener(observer)
    if (isStopped(this)) return super.subscribe(listener)
    const observers = observersOf(this)
    observers.add(listener)
    return { unsubscribe: () => void observers.delete(listener) }
  }
}
