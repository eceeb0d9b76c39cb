import type { Transition } from '@covey/protocol'
import type { Member } from 'covey'
import type { InspectorLimits } from './inspector-limits.js'
import type { ActorRow } from './page-protocol.js'

/** Changes of the list of actors since the last look. */
export interface ActorChanges {
  readonly changed: readonly ActorRow[]
  readonly gone: readonly string[]
}

/** The key of an actor: of its node's generation, or of its shard where it is a folded chart. */
export const keyOf = ({ node, generation, actor, at }: Transition): string =>
  'shard' in at ? `shard.${at.shard}/${actor}` : `${node}/${generation}/${actor}`

const homeOf = (node: string, generation: number): string => `${node}/${generation}`

/** Takes the first keys out of a set, so many at most. */
function takeFirst(keys: Set<string>, count: number): string[] {
  const first: string[] = []
  for (const key of keys) {
    if (first.length === count) break
    keys.delete(key)
    first.push(key)
  }
  return first
}

/** All actors of the cluster as they are now, and what of them a frame has not told yet. */
export class LiveActors {
  readonly #limits: InspectorLimits
  readonly #rows = new Map<string, ActorRow>()
  /** Keys by the generation of a node that told of them last: its own actors, and the charts that it leads. */
  readonly #homes = new Map<string, Set<string>>()
  readonly #changed = new Set<string>()
  readonly #gone = new Set<string>()
  #isPartial = false

  constructor(limits: InspectorLimits) {
    this.#limits = limits
  }

  /** Whether there are more actors than are followed. */
  get isPartial(): boolean {
    return this.#isPartial
  }

  find(key: string): ActorRow | undefined {
    return this.#rows.get(key)
  }

  keys(): string[] {
    return [...this.#rows.keys()]
  }

  /** The keys of the actors of which a generation of a node told last. */
  keysOf(node: string, generation: number): Iterable<string> {
    return this.#homes.get(homeOf(node, generation)) ?? []
  }

  /** Takes the state of an actor; `isStated` where its node says what is, and not what has just moved. */
  take(transition: Transition, sinceMs: number, isStated = false): void {
    const key = keyOf(transition)
    const { node, generation, kind, actor, to: state } = transition
    if (state === '') {
      this.drop(key)
      return
    }
    const known = this.#rows.get(key)
    if (known?.state === state && known.node === node && known.generation === generation) return
    if (known === undefined && this.#rows.size >= this.#limits.actorsMax) {
      this.#isPartial = true
      return
    }
    if (known !== undefined) this.#homes.get(homeOf(known.node, known.generation))?.delete(key)
    this.#settle(homeOf(node, generation), key)
    const older = isStated && known === undefined ? ({ isOlder: true } as const) : {}
    this.#rows.set(key, { key, node, generation, kind, actor, state, sinceMs, ...older })
    this.#gone.delete(key)
    this.#changed.add(key)
  }

  /**
   * Forgets the actors of generations that take part no more: nobody says goodbye for them. Charts of which another leader
   * has told since are its own; it states those to come.
   */
  takeMembers(members: readonly Member[]): void {
    const living = new Set(
      members
        .filter(({ state }) => state === 'active' || state === 'leaving')
        .map(({ nodeId, generation }) => homeOf(nodeId, generation)),
    )
    for (const [home, keys] of this.#homes) {
      if (living.has(home)) continue
      for (const key of keys) this.drop(key)
      this.#homes.delete(home)
    }
  }

  /** What has changed since the last call, as much of it as a frame may hold. */
  takeChanges(): ActorChanges {
    const { actorsPerFrameMax } = this.#limits
    const changed = takeFirst(this.#changed, actorsPerFrameMax).flatMap((key) => this.#rows.get(key) ?? [])
    return { changed, gone: takeFirst(this.#gone, actorsPerFrameMax) }
  }

  /** Forgets everything: what follows states it anew. */
  clear(): void {
    for (const key of this.keys()) this.drop(key)
    this.#homes.clear()
    this.#isPartial = false
  }

  #settle(home: string, key: string): void {
    const keys = this.#homes.get(home)
    if (keys === undefined) this.#homes.set(home, new Set([key]))
    else keys.add(key)
  }

  /** Forgets an actor. */
  drop(key: string): void {
    const row = this.#rows.get(key)
    if (row === undefined) return
    this.#rows.delete(key)
    this.#homes.get(homeOf(row.node, row.generation))?.delete(key)
    this.#changed.delete(key)
    this.#gone.add(key)
  }
}
