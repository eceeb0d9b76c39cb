import { limits } from '@covey/protocol'
import type { Clock } from '@covey/transport'
import type { ActorFilter } from '../transitions/actor-filter.js'
import type { ActorState, NodeTransition } from './transition-feed.js'

/** The shortest time that a timer of Node takes: everything else that is due comes in between. */
const nextTurnMs = 1

/** One part of a state. */
interface StatePart {
  readonly part: number
  readonly last: boolean
  readonly actors: ActorState[]
}

/** What is to be stated, and who is told. */
export interface WalkOptions {
  /** Every actor as it is when the walk comes to it. */
  readonly states: Iterable<ActorState>
  readonly passes: ActorFilter
  readonly tell: (part: StatePart) => void
}

/** One walk over all actors, a part at a time, while they move. */
class StateWalk {
  readonly passes: ActorFilter
  readonly #tell: WalkOptions['tell']
  readonly #states: Iterator<ActorState>
  /** Actors that have moved since the walk began, as they are now: they may have been stated before that. */
  readonly #moved = new Map<string, ActorState>()
  #part = 0

  constructor({ states, passes, tell }: WalkOptions) {
    this.passes = passes
    this.#tell = tell
    this.#states = states[Symbol.iterator]()
  }

  /** Takes note of a move; false where there are too many of them to be remembered. */
  note({ kind, actor, to, at }: NodeTransition): boolean {
    this.#moved.set(`${kind} ${actor}`, { kind, actor, state: to, at })
    return this.#moved.size <= limits.watchedActorsMax
  }

  /** Tells the next part, and whether it was the last: all actors are stated as they are now. */
  step(): boolean {
    const actors: ActorState[] = []
    const isAtEnd = this.#walkOn(actors)
    if (isAtEnd) this.#stateMoved(actors)
    const last = isAtEnd && this.#moved.size === 0
    this.#tell({ part: this.#part, last, actors })
    this.#part += 1
    return last
  }

  #walkOn(actors: ActorState[]): boolean {
    for (let looked = 0; looked < limits.watchLooksMax; looked += 1) {
      if (actors.length === limits.watchPartActorsMax) return false
      const next = this.#states.next()
      if (next.done) return true
      if (this.passes(next.value)) actors.push(next.value)
    }
    return false
  }

  #stateMoved(actors: ActorState[]): void {
    for (const [key, actor] of this.#moved) {
      if (actors.length === limits.watchPartActorsMax) return
      actors.push(actor)
      this.#moved.delete(key)
    }
  }
}

/**
 * States all actors of a node to those who ask, a part in each turn of the event loop: a leader goes on leading while it
 * states a million charts. What moves meanwhile is stated again before the last part, which is therefore true of all
 * actors at its moment (K42).
 */
export class StateWalks {
  readonly #clock: Clock
  readonly #beforeStep: () => void
  /** By the name of the watch, in the order in which it is their turn. */
  readonly #walks = new Map<string, StateWalk>()
  #timer: unknown

  /** @param beforeStep is called before each part; it may end walks */
  constructor(clock: Clock, beforeStep: () => void) {
    this.#clock = clock
    this.#beforeStep = beforeStep
  }

  /** Tells the first part now and the others later; a walk of the same watch ends. */
  begin(watch: string, options: WalkOptions): void {
    this.end(watch)
    const walk = new StateWalk(options)
    if (walk.step()) return
    this.#walks.set(watch, walk)
    this.#arm()
  }

  /** Takes note of a transition that is being published. Who cannot be told everything is told nothing more, and asks again. */
  note(transition: NodeTransition): void {
    for (const [watch, walk] of this.#walks) {
      if (walk.passes(transition) && !walk.note(transition)) this.end(watch)
    }
  }

  end(watch: string): void {
    this.#walks.delete(watch)
  }

  /** Ends all walks, without a last part. */
  clear(): void {
    this.#walks.clear()
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #arm(): void {
    if (this.#walks.size > 0) this.#timer ??= this.#clock.setTimeout(() => this.#step(), nextTurnMs)
  }

  #step(): void {
    this.#timer = undefined
    this.#beforeStep()
    const [next] = this.#walks
    if (next === undefined) return
    const [watch, walk] = next
    this.end(watch)
    if (!walk.step()) this.#walks.set(watch, walk)
    this.#arm()
  }
}
