import type { State } from '../model.js'
import { PairMap } from '../pair-map.js'
import type { Cluster } from './cluster.js'
import type { Layout, Pair } from './layout.js'
import { type Ground, isProbed, noStand, type Stand, standOf } from './stands.js'

/** What a process is to others. */
export const roles = { runs: 1, isActive: 2, asks: 4 } as const
const traits = { isSeenActive: 1, isProbed: 2, isSilent: 4 } as const
/** Bits of a voter in the number of a company: it is seen as active, its vote is held, it stood by it. */
export const voterBits = 3

/** What is known of a state before what may happen in it is looked up: all of it numbers, for it is read in every state. */
export class Surroundings {
  /** The roles of each node. */
  readonly roles: Int32Array
  /** What each pair's observer stands by: the number of a stand. */
  readonly stands: Int32Array
  /** The voters of each pair, some bits for each. */
  readonly companies: Int32Array
  readonly #cluster: Cluster
  readonly #layout: Layout
  readonly #grounds: Int32Array
  readonly #rolesOf: number[] = []
  readonly #traitsOf: number[] = []
  readonly #standsOf = new PairMap<number>()
  readonly #known: Stand[] = [noStand]

  constructor(cluster: Cluster, layout: Layout) {
    this.#cluster = cluster
    this.#layout = layout
    this.roles = new Int32Array(layout.nodes.length)
    this.#grounds = new Int32Array(layout.nodes.length)
    this.stands = new Int32Array(layout.pairs.length)
    this.companies = new Int32Array(layout.pairs.length)
  }

  stand(number: number): Stand {
    return this.#known[number] ?? noStand
  }

  role(process: number): number {
    return this.#rolesOf[process] ?? this.#newRole(process)
  }

  read(state: State): void {
    const { nodes, pairs } = this.#layout
    for (let node = 0; node < nodes.length; node += 1) {
      this.roles[node] = this.role(state[node] as number)
      this.#grounds[node] = 0
    }
    for (let index = 0; index < pairs.length; index += 1) {
      const { observer, sight } = pairs[index] as Pair
      const seen = this.#trait(state[sight] as number)
      if ((seen & traits.isProbed) === 0) continue
      const silent = (seen & traits.isSilent) === 0 ? 0 : 1
      this.#grounds[observer] = (this.#grounds[observer] as number) + groundOne + silent
    }
    for (let index = 0; index < pairs.length; index += 1) {
      const pair = pairs[index] as Pair
      this.stands[index] = this.#standAt(state, pair)
      this.companies[index] = this.#companyAt(state, pair)
    }
  }

  #standAt(state: State, { observer, sight: place }: Pair): number {
    if (((this.roles[observer] as number) & roles.isActive) === 0) return 0
    const sight = state[place] as number
    const seen = this.#trait(sight)
    if ((seen & traits.isSilent) === 0 || (seen & traits.isProbed) === 0) return 0
    const ground = this.#grounds[observer] as number
    return this.#standsOf.get(sight, ground) ?? this.#newStand(sight, ground)
  }

  #companyAt(state: State, { voters }: Pair): number {
    let company = 0
    for (let index = 0; index < voters.length; index += 1) {
      const { seen, voice } = voters[index] as Pair['voters'][number]
      const isSeenActive = this.#trait(state[seen] as number) & traits.isSeenActive
      company |= (((state[voice] as number) << 1) | isSeenActive) << (index * voterBits)
    }
    return company
  }

  #trait(sight: number): number {
    return this.#traitsOf[sight] ?? this.#newTrait(sight)
  }

  #newRole(process: number): number {
    const value = this.#cluster.stateOf(this.#cluster.processes.at(process))
    const isActive = value === 'active'
    const role =
      (value === 'gone' ? 0 : roles.runs) |
      (isActive ? roles.isActive : 0) |
      (isActive || value === 'leaving' ? roles.asks : 0)
    this.#rolesOf[process] = role
    return role
  }

  #newTrait(sight: number): number {
    const view = this.#cluster.viewOf(this.#cluster.sights.at(sight))
    const trait =
      view === undefined
        ? 0
        : (view.value === 'active' ? traits.isSeenActive : 0) |
          (isProbed(view.value) ? traits.isProbed : 0) |
          (view.context.silentSinceMs === null ? 0 : traits.isSilent)
    this.#traitsOf[sight] = trait
    return trait
  }

  #newStand(sight: number, ground: number): number {
    const stand = standOf(this.#cluster, this.#cluster.sights.at(sight), groundOf(ground))
    const same = this.#known.findIndex(
      ({ generation, isVote, isEvidence }) =>
        generation === stand.generation && isVote === stand.isVote && isEvidence === stand.isEvidence,
    )
    const number = same === -1 ? this.#known.push(stand) - 1 : same
    this.#standsOf.set(sight, ground, number)
    return number
  }
}

/** One peer more that is probed, in the number of a ground; below it are the silent ones. */
const groundOne = 8
const groundOf = (ground: number): Ground => ({
  probed: Math.floor(ground / groundOne),
  silent: ground % groundOne,
})
