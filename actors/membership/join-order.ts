import { limits } from '@covey/protocol'
import type { FactNews } from './fact-watch.js'
import type { Target } from './probe.js'

/** One that has joined and is not active yet. */
export interface Joiner extends Target {
  /** A digest of its settings. */
  readonly configuration: string
}

/** Those that join, in the order of their facts, which is the same for all who read them; but for those that say no digest. */
export class JoinOrder {
  readonly #joiners = new Map<string, Joiner>()

  /** Takes a fact of any name, the own one too. */
  note({ nodeId, generation, ...news }: FactNews): void {
    const known = this.#joiners.get(nodeId)
    if (news.kind !== 'joined') {
      if (known !== undefined && generation >= known.generation) this.#joiners.delete(nodeId)
      return
    }
    // Facts may be read again, out of their turn.
    if (known !== undefined && generation <= known.generation) return
    this.#joiners.delete(nodeId)
    const { configuration } = news.body
    if (configuration === undefined || this.#joiners.size >= limits.membersMax) return
    this.#joiners.set(nodeId, { nodeId, generation, configuration })
  }

  /** Whoever joins and came before this one; `undefined` while its own fact has not been heard. */
  before({ nodeId, generation }: Target): readonly Joiner[] | undefined {
    const all = [...this.#joiners.values()]
    const place = all.findIndex((one) => one.nodeId === nodeId && one.generation === generation)
    return place < 0 ? undefined : all.slice(0, place)
  }

  /** Whether anybody who joins has other settings than these. */
  hasOthers(configuration: string): boolean {
    return [...this.#joiners.values()].some((one) => one.configuration !== configuration)
  }
}
