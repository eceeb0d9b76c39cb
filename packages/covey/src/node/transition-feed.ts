import { type ActorSystem, type ActorTransition, stateText } from '@covey/engine'
import { limits, type Place, type Transition } from '@covey/protocol'
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

/** A source of transitions beside the actor system: the charts that a manager folds. */
export interface FoldedSource {
  states(): Iterable<ActorState>
  onTransition(
    listener: (transition: ActorState & Pick<NodeTransition, 'from' | 'event' | 'elapsedMs'>) => void,
  ): Stop
}

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
  readonly #listeners = new Set<(transition: NodeTransition) => void>()
  #stopFolded: Stop | undefined
  #local = 0

  constructor(system: ActorSystem, folded?: FoldedSource) {
    this.#system = system
    this.#folded = folded
  }

  /** Takes up the folded charts of a generation that has begun. */
  open(): void {
    this.#stopFolded?.()
    this.#stopFolded = this.#folded?.onTransition(({ kind, actor, state, at, from, event, elapsedMs }) => {
      if (this.#listeners.size > 0) this.#tell({ kind, actor, from, event, to: state, at, elapsedMs })
    })
  }

  /** Lets go of the folded charts of a generation that has ended. */
  close(): void {
    this.#stopFolded?.()
    this.#stopFolded = undefined
  }

  listen(listener: (transition: NodeTransition) => void): Stop {
    // Wrapped, so that one function may listen twice.
    const hear = (transition: NodeTransition): void => listener(transition)
    this.#listeners.add(hear)
    this.#system.tap ??= (transition) => this.#tellLocal(transition)
    return () => {
      this.#listeners.delete(hear)
      if (this.#listeners.size === 0) this.#system.tap = undefined
    }
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

  #tellLocal({ kind, actor, from, event, to, elapsedMs }: ActorTransition): void {
    this.#local += 1
    const at = { local: this.#local }
    this.#tell({ kind, actor: cut(actor), from: cut(from), event: cut(event), to: cut(to), at, elapsedMs })
  }

  #tell(transition: NodeTransition): void {
    for (const listener of this.#listeners) listener(transition)
  }
}
