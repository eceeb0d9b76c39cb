import { limits } from '@covey/protocol'
import { KeptNames } from './kept-names.js'
import type { Ending } from './members.js'

interface Name {
  /** The newest generation that has joined, or ended without. */
  newest: number
  /** Departed facts by generation; only the newest `endingsPerNameMax` are kept. Missing where there was none. */
  departed: Map<number, Ending> | undefined
}

/** How generations ended, as the facts say: what `Members.endOf` answers. */
export class Endings {
  readonly #names = new KeptNames<Name>(
    () => ({ newest: 0, departed: undefined }),
    ({ newest, departed }) => departed?.has(newest) ?? false,
  )

  /** Names of which something is kept. */
  get size(): number {
    return this.#names.size
  }

  /** The newest generation of a name that has joined, or ended without; 0 for none. */
  newest(nodeId: string): number {
    return this.#names.get(nodeId)?.newest ?? 0
  }

  joined(nodeId: string, generation: number): void {
    const name = this.#names.of(nodeId)
    name.newest = Math.max(name.newest, generation)
  }

  departed(ending: Ending): void {
    const name = this.#names.of(ending.nodeId)
    name.departed ??= new Map()
    const { departed } = name
    name.newest = Math.max(name.newest, ending.generation)
    // The first word stands: a fact that was purged may be created again by whoever was slow to say it (K47).
    if (departed.has(ending.generation)) return
    departed.set(ending.generation, ending)
    if (departed.size <= limits.endingsPerNameMax) return
    const [oldest] = departed.keys()
    if (oldest !== undefined) departed.delete(oldest)
  }

  /** The end of a generation; `superseded` where only its successor tells of it (K15, K47). */
  of(nodeId: string, generation: number): Ending | undefined {
    const name = this.#names.get(nodeId)
    const ending = name?.departed?.get(generation)
    if (ending !== undefined || name === undefined || generation >= name.newest) return ending
    return { nodeId, generation, how: 'superseded', dirty: false }
  }
}
