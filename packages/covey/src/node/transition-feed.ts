import { type ActorSystem, type ActorTransition, stateText } from '@covey/engine'
import { type FoldedPlace, limits, type Place, type Transition } from '@covey/protocol'
import type { Stop } from '@covey/transport'

/** A transition of this node, before it says which node and generation that is. */
export type NodeTransition = Omit<Transition, 'node' | 'generation'>

/** The state of one actor of this node. */
export interface ActorState {
  readonly kind: string
  readonly actor: string
  readonly state: string
  readonly at: Place
}

/** Hears of the transitions of a node. */
export interface TransitionListener {
  (transition: NodeTransition): void
  /** The charts that it hears of, by their names; what no listener names costs nothing. Missing: all. */
  readonly kinds?: ReadonlySet<string> | undefined
}

/** A source of transitions beside the actor system: the charts that a manager folds. */
export interface FoldedSource {
  states(): Iterable<ActorState>
  /** How far each shard is folded whose charts are in {@link states}. */
  places(): Iterable<FoldedPlace>
  onTransition(
    listener: (transition: ActorState & Pick<NodeTransition, 'from' | 'event' | 'elapsedMs'>) => void,
  ): Stop
}

/** The charts that a manager folds. */
const foldedKinds = ['workflow', 'job'] as const

const cut = (text: string): string => text.slice(0, limits.actorTextMax)

function stateOf(system: ActorSystem, actor: string): { kind: string; state: string } | undefined {
  // Only charts have a machine and a value; any other logic has only its status.
  const snapshot = system.snapshot(actor) as
    | { status: string; value?: Parameters<typeof stateText>[0]; machine?: { id: string } }
    | undefined
  if (snapshot === undefined) return undefined
  return { kind: snapshot.machine?.id ?? 'actor', state: stateText(snapshot.value ?? snapshot.status) }
}

/**
 * All transitions of one node in one place: those of its actors and of the charts that it folds, for the log, for
 * watchers, for its own users. The actor system is tapped only while somebody listens.
 */
export class TransitionFeed {
  readonly #system: ActorSystem
  readonly #folded: FoldedSource | undefined
  readonly #listeners = new Set<TransitionListener>()
  #isOpen = false
  #stopFolded: Stop | undefined
  #local = 0

  constructor(system: ActorSystem, folded?: FoldedSource) {
    this.#system = system
    this.#folded = folded
  }

  /** Takes up the folded charts of a generation that has begun. */
  open(): void {
    this.close()
    this.#isOpen = true
    this.#attend()
  }

  /** Lets go of the folded charts of a generation that has ended. */
  close(): void {
    this.#isOpen = false
    this.#attend()
  }

  listen(listener: TransitionListener): Stop {
    // Wrapped, so that one function may listen twice.
    const hear: TransitionListener = Object.assign((transition: NodeTransition) => listener(transition), {
      kinds: listener.kinds,
    })
    this.#listeners.add(hear)
    this.#attend()
    return () => {
      if (this.#listeners.delete(hear)) this.#attend()
    }
  }

  /** Taps what is listened to, and nothing else. */
  #attend(): void {
    const kinds = this.#kindsHeard()
    const isSilent = this.#listeners.size === 0
    const tellLocal = (transition: ActorTransition): void => this.#tellLocal(transition)
    this.#system.tap = isSilent ? undefined : Object.assign(tellLocal, { kinds })
    const hearsFolded =
      this.#isOpen && !isSilent && (kinds === undefined || foldedKinds.some((kind) => kinds.has(kind)))
    if (!hearsFolded) {
      this.#stopFolded?.()
      this.#stopFolded = undefined
      return
    }
    this.#stopFolded ??= this.#folded?.onTransition(({ kind, actor, state, at, from, event, elapsedMs }) =>
      this.#tell({ kind, actor, from, event, to: state, at, elapsedMs }),
    )
  }

  /** All kinds that any listener names; undefined where one hears of all. */
  #kindsHeard(): ReadonlySet<string> | undefined {
    const kinds = new Set<string>()
    for (const listener of this.#listeners) {
      if (listener.kinds === undefined) return undefined
      for (const kind of listener.kinds) kinds.add(kind)
    }
    return kinds
  }

  /** The state of every actor now; for folded charts only while this node leads them. */
  *states(): Iterable<ActorState> {
    for (const actor of this.#system.addresses()) {
      const found = stateOf(this.#system, actor)
      if (found === undefined) continue
      yield { kind: found.kind, actor: cut(actor), state: cut(found.state), at: { local: this.#local } }
    }
    yield* this.#folded?.states() ?? []
  }

  /** How far each shard is folded whose charts are among the states now. */
  places(): FoldedPlace[] {
    return [...(this.#folded?.places() ?? [])]
  }

  #tellLocal({ kind, actor, from, event, to, elapsedMs }: ActorTransition): void {
    this.#local += 1
    const at = { local: this.#local }
    this.#tell({ kind, actor: cut(actor), from: cut(from), event: cut(event), to: cut(to), at, elapsedMs })
  }

  #tell(transition: NodeTransition): void {
    for (const listener of this.#listeners) {
      if (listener.kinds === undefined || listener.kinds.has(transition.kind)) listener(transition)
    }
  }
}
