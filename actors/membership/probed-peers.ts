import { ProbeOrder } from '@covey/machines'
import type { PeerView } from './watched-peer.js'

const probedStates: readonly PeerView['state'][] = ['active', 'suspect', 'leaving']

/**
 * The peers that take part, so that their silence means something, kept as they change: a probe period looks at whom it
 * concerns, and at nobody else, however many there are.
 */
export class ProbedPeers {
  readonly #views = new Map<string, PeerView>()
  readonly #suspects = new Set<string>()
  readonly #silent = new Set<string>()
  readonly #order: ProbeOrder

  /** `draw` gives a number from 0 to 1, another one at each call. */
  constructor(draw: () => number) {
    this.#order = new ProbeOrder(draw)
  }

  /** How many there are. */
  get size(): number {
    return this.#views.size
  }

  /** How many of them somebody suspects. */
  get suspectCount(): number {
    return this.#suspects.size
  }

  /** How many of them do not answer this node. */
  get silentCount(): number {
    return this.#silent.size
  }

  /** A peer is as it is shown now, or is no more. */
  note(nodeId: string, view: PeerView | undefined): void {
    if (view === undefined || !probedStates.includes(view.state)) {
      this.#remove(nodeId)
      return
    }
    if (!this.#views.has(nodeId)) this.#order.add(nodeId)
    this.#views.set(nodeId, view)
    if (view.state === 'suspect') this.#suspects.add(nodeId)
    else this.#suspects.delete(nodeId)
    if (view.peer.silentSinceMs !== null) this.#silent.add(nodeId)
    else this.#silent.delete(nodeId)
  }

  /** Whether it does not answer this node. */
  isSilent(nodeId: string): boolean {
    return this.#silent.has(nodeId)
  }

  find(nodeId: string): PeerView | undefined {
    return this.#views.get(nodeId)
  }

  all(): PeerView[] {
    return [...this.#views.values()]
  }

  /** Whom to ask next, so that everybody's turn comes. */
  next(): PeerView | undefined {
    const nodeId = this.#order.next()
    return nodeId === undefined ? undefined : this.#views.get(nodeId)
  }

  /** Up to `count` of them that are fit, drawn anew each time. */
  some(count: number, isFit: (view: PeerView) => boolean): PeerView[] {
    const names = this.#order.some(count, (nodeId) => {
      const view = this.#views.get(nodeId)
      return view !== undefined && isFit(view)
    })
    return names.flatMap((nodeId) => this.#views.get(nodeId) ?? [])
  }

  /** Those whom somebody suspects, this node or another. */
  suspects(): PeerView[] {
    return this.#viewsOf(this.#suspects)
  }

  /** Those who do not answer this node. */
  silent(): PeerView[] {
    return this.#viewsOf(this.#silent)
  }

  /** The silent one that was not returned for the longest time. */
  nextSilent(): PeerView | undefined {
    const [nodeId] = this.#silent
    if (nodeId === undefined) return undefined
    this.#silent.delete(nodeId)
    this.#silent.add(nodeId)
    return this.#views.get(nodeId)
  }

  #viewsOf(names: ReadonlySet<string>): PeerView[] {
    return [...names].flatMap((nodeId) => this.#views.get(nodeId) ?? [])
  }

  #remove(nodeId: string): void {
    if (!this.#views.delete(nodeId)) return
    this.#suspects.delete(nodeId)
    this.#silent.delete(nodeId)
    this.#order.remove(nodeId)
  }
}
