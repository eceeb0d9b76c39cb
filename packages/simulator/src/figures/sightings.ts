import type { MemberState } from '@covey/actors'
import type { SimulatedNode } from '../simulated-node.js'
import type { SimulatedWorld } from '../simulated-world.js'

/** When each of the others was first told something of one generation of a node. */
export class Sightings {
  readonly #suspectedMs: number[] = []
  readonly #departedMs: number[] = []
  readonly #observers: number

  /** Listens from now on; who observes is settled here. */
  constructor(world: SimulatedWorld, subject: SimulatedNode) {
    const { name, generation } = subject
    const observers = world.nodes.filter((node) => node.isUp && node !== subject)
    this.#observers = observers.length
    for (const observer of observers) {
      const seen = new Set<MemberState>()
      const see = (state: MemberState, times: number[]): void => {
        if (seen.has(state)) return
        seen.add(state)
        times.push(world.heap.now())
      }
      observer.members.onNews((news) => {
        if (news.kind !== 'changed') return
        const { member } = news
        if (member.nodeId !== name || member.generation !== generation) return
        // Who hears of the end at once has no need of a suspicion.
        if (member.state === 'suspect' || member.state === 'departed') see('suspect', this.#suspectedMs)
        if (member.state === 'departed') see('departed', this.#departedMs)
      })
    }
  }

  get isSuspectedEverywhere(): boolean {
    return this.#suspectedMs.length === this.#observers
  }

  get isDepartedEverywhere(): boolean {
    return this.#departedMs.length === this.#observers
  }

  /** When the last of them suspected it, or knew of its end; `Infinity` where one never has. */
  get suspectedEverywhereMs(): number {
    return this.isSuspectedEverywhere ? Math.max(...this.#suspectedMs) : Number.POSITIVE_INFINITY
  }

  /** When the last of them knew of its end; `Infinity` where one never has. */
  get departedEverywhereMs(): number {
    return this.isDepartedEverywhere ? Math.max(...this.#departedMs) : Number.POSITIVE_INFINITY
  }
}
