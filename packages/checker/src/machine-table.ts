import {
  createStepper,
  type EffectFrom,
  type Step,
  type Stepper,
  stateText,
  type TimerEvent,
} from '@covey/engine'
import type {
  AnyStateMachine,
  ContextFrom,
  EventFromLogic,
  EventObject,
  InputFrom,
  SnapshotFrom,
} from 'xstate'

type Cause<TMachine extends AnyStateMachine> = EventFromLogic<TMachine> | TimerEvent

/** A machine in a state of its own, as a model looks at it. */
export interface View<TMachine extends AnyStateMachine> {
  readonly value: string
  readonly context: ContextFrom<TMachine>
}

/** What a step did, for a model to make its plan of. */
export interface Taken<TMachine extends AnyStateMachine> {
  readonly before: View<TMachine> | undefined
  readonly after: View<TMachine>
  readonly effects: readonly EffectFrom<TMachine>[]
}

/** Where a step leads, and what a model does about it. */
export interface Moved<TPlan> {
  readonly local: number
  readonly plan: TPlan
}

/** How a machine takes part in a model. */
export interface MachineUse<TMachine extends AnyStateMachine, TPlan> {
  readonly machine: TMachine
  /** Leaves out of a context what no decision depends on, such as times: the machine goes on from what is left. */
  forget(context: ContextFrom<TMachine>): ContextFrom<TMachine>
  /** What a step means to the model. It is asked once for each state and event. */
  plan(taken: Taken<TMachine>): TPlan
}

interface Local<TMachine extends AnyStateMachine, TPlan> {
  readonly view: View<TMachine>
  readonly snapshot: SnapshotFrom<TMachine>
  /** Armed timers: the number of the event that each brings, by its id. */
  readonly timers: ReadonlyMap<string, number>
  readonly rings: readonly number[]
  readonly moves: (Moved<TPlan> | undefined)[]
}

/**
 * The states of one machine, each with the timers that are armed in it, as numbers from 1 on; 0 is no machine at all.
 * The production machine takes each step once; from then on the step is looked up.
 */
export class MachineTable<TMachine extends AnyStateMachine, TPlan> {
  readonly #use: MachineUse<TMachine, TPlan>
  readonly #stepper: Stepper<TMachine>
  readonly #locals: Local<TMachine, TPlan>[] = []
  readonly #ids = new Map<string, number>()
  readonly #events: Cause<TMachine>[] = []
  readonly #eventIds = new Map<string, number>()

  constructor(use: MachineUse<TMachine, TPlan>) {
    this.#use = use
    this.#stepper = createStepper(use.machine)
  }

  /** States that the machine was seen in. */
  get size(): number {
    return this.#locals.length
  }

  /** The number of an event, for `step`. */
  event(event: Cause<TMachine>): number {
    const key = textOf(event)
    const known = this.#eventIds.get(key)
    if (known !== undefined) return known
    this.#eventIds.set(key, this.#events.length)
    return this.#events.push(event) - 1
  }

  start(input: InputFrom<TMachine>): Moved<TPlan> {
    return this.#settle(undefined, this.#stepper.initial(input), new Map())
  }

  step(local: number, event: number): Moved<TPlan> {
    const from = this.#at(local)
    return from.moves[event] ?? this.#take(from, event)
  }

  /** The timers that are armed, as the events that they bring. */
  rings(local: number): readonly number[] {
    return this.#at(local).rings
  }

  /** The type of an event. */
  text(event: number): string {
    const found: EventObject | undefined = this.#events[event]
    return found?.type ?? ''
  }

  view(local: number): View<TMachine> {
    return this.#at(local).view
  }

  /** The same state with another context: where names of no meaning are given anew. */
  rewrite(local: number, change: (context: ContextFrom<TMachine>) => ContextFrom<TMachine>): number {
    const { snapshot, timers } = this.#at(local)
    const packed = this.#stepper.pack(snapshot)
    return this.#intern(this.#stepper.unpack({ ...packed, context: change(packed.context) }), timers)
  }

  #take(from: Local<TMachine, TPlan>, event: number): Moved<TPlan> {
    const cause = this.#events[event]
    if (cause === undefined) throw new Error(`${this.#use.machine.id} knows no event ${event}`)
    const timers = new Map([...from.timers].filter(([, due]) => due !== event))
    const moved = this.#settle(from, this.#stepper.step(from.snapshot, cause), timers)
    from.moves[event] = moved
    return moved
  }

  #settle(
    from: Local<TMachine, TPlan> | undefined,
    { snapshot, effects, armed, cancelled }: Step<TMachine>,
    timers: Map<string, number>,
  ): Moved<TPlan> {
    for (const id of cancelled) timers.delete(id)
    for (const { id, event } of armed) timers.set(id, this.event(event))
    const local = this.#intern(this.#forgetting(snapshot), timers)
    const after = this.view(local)
    return { local, plan: this.#use.plan({ before: from?.view, after, effects }) }
  }

  #forgetting(snapshot: SnapshotFrom<TMachine>): SnapshotFrom<TMachine> {
    const packed = this.#stepper.pack(snapshot)
    // What has ended takes no more events, so it needs no other context.
    if (packed.status !== 'active') return snapshot
    return this.#stepper.unpack({ ...packed, context: this.#use.forget(packed.context) })
  }

  #intern(snapshot: SnapshotFrom<TMachine>, timers: ReadonlyMap<string, number>): number {
    const { value, context, status } = this.#stepper.pack(snapshot)
    const armed = [...timers].sort(([one], [other]) => (one < other ? -1 : 1))
    const key = textOf([status, value, sorted(context), armed])
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    const view = { value: stateText(value), context }
    const local = { view, snapshot, timers, rings: armed.map(([, event]) => event), moves: [] }
    const id = this.#locals.push(local)
    this.#ids.set(key, id)
    return id
  }

  #at(local: number): Local<TMachine, TPlan> {
    const found = this.#locals[local - 1]
    if (found === undefined) throw new Error(`${this.#use.machine.id} has no state ${local}`)
    return found
  }
}

const sorted = (context: object): [string, unknown][] =>
  Object.entries(context).sort(([one], [other]) => (one < other ? -1 : 1))

/** One text for each content; of a map JSON would tell nothing. */
const textOf = (content: unknown): string =>
  JSON.stringify(content, (_, value) => (value instanceof Map ? [...value] : value))
