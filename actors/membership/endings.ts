import { limits } from '@covey/protocol'
import type { Ending } from './members.js'

interface Name {
  /** The newest generation that has joined. */
  newest: number
  /** Departed facts by generation; only the newest `joinedFactsKept` are kept. */
  readonly departed: Map<number, Ending>
}

/** How generations ended, as the facts say: what `Members.endOf` answers. */
export class Endings {
  readonly #names = new Map<string, Name>()

  /** The newest generation of a name that has joined; 0 for none. */
  newest(nodeId: string): number {
    return this.#names.get(nodeId)?.newest ?? 0
  }

  joined(nodeId: string, generation: number): void {
    const name = this.#of(nodeId)
    name.newest = Math.max(name.newest, generation)
  }

  departed(ending: Ending): void {
    const { departed } = this.#of(ending.nodeId)
    // The first word stands: a fact that was purged may be created again by whoever was slow to say it (K47).
    if (departed.has(ending.generation)) return
    departed.set(ending.generation, ending)
    if (departed.size <= limits.joinedFactsKept) return
    const [oldest] = departed.keys()
    if (oldest !== undefined) departed.delete(oldest)
  }

  /** The end of a generation; `superseded` where only its successor tells of it (K15, K47). */
  of(nodeId: string, generation: number): Ending | undefined {
    const name = this.#names.get(nodeId)
    const ending = name?.departed.get(generation)
    if (ending !== undefined || name === undefined || generation >= name.newest) return ending
    return { nodeId, generation, how: 'superseded', dirty: false }
  }

  #of(nodeId: string): Name {
    const known = this.#names.get(nodeId)
    if (known !== undefined) return known
    const name: Name = { newest: 0, departed: new Map() }
    this.#names.set(nodeId, name)
    return name
  }
}
