import { CoveyError, type FoldedPlace, isBeyond, limits, type Transition } from '@covey/protocol'

/**
 * Whether a transition of an actor has been told already, or a later one. One event of the log may move an actor twice,
 * from where it then is; places of different kinds do not compare.
 */
function isBehind({ at, from }: Transition, known: Transition): boolean {
  if (!('shard' in at) || !('shard' in known.at) || at.shard !== known.at.shard) return false
  const raised = (at.streamEpoch ?? 1) - (known.at.streamEpoch ?? 1)
  const ahead = raised || at.sequence - known.at.sequence || at.index - known.at.index
  return ahead < 0 || (ahead === 0 && from !== known.to)
}

/** What tells an actor from others of its home: a folded chart may have the name of one of another kind. */
export const keyOf = ({ kind, actor, at }: Transition): string => ('shard' in at ? `${kind} ${actor}` : actor)

/** Whether a chart last moved at or before the place up to which its shard is folded. */
function isFolded({ at }: Transition, ends: ReadonlyMap<number, FoldedPlace>): boolean {
  if (!('shard' in at)) return false
  const end = ends.get(at.shard)
  return end !== undefined && !isBeyond({ streamEpoch: at.streamEpoch ?? 1, sequence: at.sequence }, end)
}

/**
 * The last transition told of each actor. Actors of a node are its own; folded charts belong to the shard, so that a new
 * leader tells of the same actors (K42: deduplicated by place).
 */
export class KnownActors {
  readonly #folded = new Map<string, Transition>()
  readonly #local = new Map<string, Map<string, Transition>>()
  readonly #actorsMax: number
  #count = 0

  constructor(actorsMax: number = limits.watchedActorsMax) {
    this.#actorsMax = actorsMax
  }

  /** Remembers a transition; `false` when it, or a later one, has been told already. Throws `overloaded`. */
  learn(transition: Transition): boolean {
    const { at, to } = transition
    const actors = 'shard' in at ? this.#folded : this.#localOf(transition.node)
    const key = keyOf(transition)
    const known = actors.get(key)
    if (known !== undefined && isBehind(transition, known)) return false
    if (to === '') return known === undefined ? true : this.#forget(actors, key)
    if (known === undefined) this.#admit()
    actors.set(key, transition)
    return true
  }

  /** What was last told of an actor that a node now states; `undefined` when it was never told of. */
  find(transition: Transition): Transition | undefined {
    const actors = 'shard' in transition.at ? this.#folded : this.#local.get(transition.node)
    return actors?.get(keyOf(transition))
  }

  /** Actors told of as living on a node, of any of its generations. */
  localsOf(node: string): Transition[] {
    return [...(this.#local.get(node)?.values() ?? [])]
  }

  /** Charts told of that somebody has folded who has got so far: those that it does not state are kept no more. */
  foldedUpTo(places: readonly FoldedPlace[]): Transition[] {
    if (places.length === 0) return []
    const ends = new Map(places.map((place) => [place.shard, place]))
    return [...this.#folded.values()].filter((known) => isFolded(known, ends))
  }

  /** Forgets the actors of a node that has departed. */
  dropNode(node: string): void {
    this.#count -= this.#local.get(node)?.size ?? 0
    this.#local.delete(node)
  }

  /** Every actor as it was last told of. */
  *all(): Iterable<Transition> {
    for (const actors of this.#local.values()) yield* actors.values()
    yield* this.#folded.values()
  }

  clear(): void {
    this.#folded.clear()
    this.#local.clear()
    this.#count = 0
  }

  #localOf(node: string): Map<string, Transition> {
    const known = this.#local.get(node)
    if (known !== undefined) return known
    const actors = new Map<string, Transition>()
    this.#local.set(node, actors)
    return actors
  }

  #forget(actors: Map<string, Transition>, key: string): true {
    actors.delete(key)
    this.#count -= 1
    return true
  }

  #admit(): void {
    if (this.#count >= this.#actorsMax) {
      const mend = 'narrow the filter by actor, kind or node'
      throw new CoveyError('overloaded', `more than ${this.#actorsMax} actors match`, { mend })
    }
    this.#count += 1
  }
}
