import { Edges } from './edges.js'
import type { Model, Walk } from './model.js'
import { Packing } from './packing.js'
import { StateStore } from './state-store.js'
import { type Stop, tellStory } from './story.js'

/** A state that must not be, or must not stay, and the shortest way to it. */
export interface Fault {
  readonly rule: string
  readonly story: readonly string[]
}

/** What an exploration has found. */
export interface Exploration {
  readonly model: string
  readonly states: number
  readonly transitions: number
  /** Steps to the farthest state that was looked at. */
  readonly depth: number
  /** Every reachable state was looked at, and nothing is wrong with any. */
  readonly complete: boolean
  readonly bytesPerState: number
  readonly fault?: Fault
}

/** The rules that hold in every model. */
const neverStuck = 'nothing can happen any more, and this may not stay'
const alwaysAWay = 'from here no way leads to where all may stay'

/**
 * Looks at every state of a model, the nearest first, until one breaks a rule or there are no more. Then asks of every
 * state whether a way leads from it to a quiet one. It stops, incomplete, at `statesMax` states.
 */
export function explore(model: Model, statesMax = 100_000_000): Exploration {
  const search = new Search(model)
  const stop = search.run(statesMax) ?? search.findLost()
  return search.report(stop)
}

class Search implements Walk {
  readonly #model: Model
  readonly #packing: Packing
  readonly #store: StateStore
  readonly #edges = new Edges()
  readonly #quiet: number[] = []
  readonly #state: Int32Array
  readonly #next: Int32Array
  readonly #packed: Uint32Array
  #current = 0
  #transitions = 0
  #depth = 0
  #movesOfState = 0
  #isComplete = false
  #stop: Stop | undefined

  constructor(model: Model) {
    this.#model = model
    this.#packing = new Packing(model.fields)
    this.#store = new StateStore(this.#packing.words)
    this.#state = new Int32Array(model.fields.length)
    this.#next = new Int32Array(model.fields.length)
    this.#packed = new Uint32Array(this.#packing.words)
  }

  begin(): Int32Array {
    const state = this.#state
    const next = this.#next
    // A loop is faster than `set` for so few.
    for (let index = 0; index < next.length; index += 1) next[index] = state[index] as number
    return next
  }

  reach(_action: number, broken?: string): void {
    this.#transitions += 1
    if (broken !== undefined) this.#stop ??= { rule: broken, state: this.#current, isStep: true }
    const target = this.#take(this.#current)
    this.#edges.add(target)
    if (target !== this.#current) this.#movesOfState += 1
  }

  run(statesMax: number): Stop | undefined {
    this.#next.set(this.#model.start())
    this.#take(0)
    const store = this.#store
    let levelEnd = store.count
    for (; this.#current < store.count && this.#stop === undefined; this.#current += 1) {
      if (this.#current === levelEnd) {
        this.#depth += 1
        levelEnd = store.count
      }
      if (store.count > statesMax) return undefined
      this.#expand()
    }
    this.#isComplete = this.#stop === undefined
    return this.#stop
  }

  /** The first state without a way to a quiet one. */
  findLost(): Stop | undefined {
    if (!this.#isComplete) return undefined
    const marks = new Uint8Array(this.#store.count)
    for (const state of this.#quiet) marks[state] = 1
    this.#edges.spread(marks)
    const lost = marks.indexOf(0)
    return lost === -1 ? undefined : { rule: alwaysAWay, state: lost }
  }

  report(stop: Stop | undefined): Exploration {
    const { count, bytes } = this.#store
    const found = {
      model: this.#model.name,
      states: count,
      transitions: this.#transitions,
      depth: this.#depth,
      complete: this.#isComplete && stop === undefined,
      bytesPerState: Math.round((bytes + this.#edges.bytes) / count),
    }
    if (stop === undefined) return found
    const story = tellStory({ model: this.#model, packing: this.#packing, store: this.#store, stop })
    return { ...found, fault: { rule: stop.rule, story } }
  }

  #expand(): void {
    const { page, place } = this.#store.at(this.#current)
    this.#packing.unpack(page, place, this.#state)
    this.#movesOfState = 0
    const isQuiet = this.#model.isQuiet(this.#state)
    if (isQuiet) this.#quiet.push(this.#current)
    this.#model.successors(this.#state, this)
    if (this.#movesOfState > 0) this.#edges.close()
    else this.#settle(isQuiet)
  }

  /** Nothing follows: the state follows itself, so that each has an edge. */
  #settle(isQuiet: boolean): void {
    this.#edges.add(this.#current)
    this.#edges.close()
    if (!isQuiet) this.#stop ??= { rule: neverStuck, state: this.#current }
  }

  #take(origin: number): number {
    this.#model.normalise?.(this.#next)
    this.#packing.pack(this.#next, this.#packed)
    const before = this.#store.count
    const state = this.#store.add(this.#packed, origin)
    if (state === before) {
      const rule = this.#model.violation(this.#next)
      if (rule !== undefined) this.#stop ??= { rule, state }
    }
    return state
  }
}
