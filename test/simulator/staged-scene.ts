import type { MemberNews } from '@covey/actors'
import type { ActorTransition } from '@covey/engine'
import { type Invariant, invariants, type Scene, type ToldFact } from '@covey/simulator'

/** As much of a simulated process as an invariant looks at. */
export interface StagedNode {
  readonly name: string
  readonly address: string
  isUp: boolean
  isDead?: boolean
  leaveCalledAtMs?: number
  generation: number
  news: MemberNews[]
  notices: unknown[]
  readonly transitions: ActorTransition[]
  readonly passed: { readonly handed: unknown[]; readonly crashes: unknown[] }
  readonly membership: { readonly bootId: string; state: () => string }
  readonly env: { readonly timings: { readonly leaveDeadlineMs: number } }
}

/** Stages an active process. */
export const stagedNode = (name: string, process: number): StagedNode => ({
  name,
  address: `${name}-${process}`,
  isUp: true,
  generation: 1,
  news: [],
  notices: [],
  transitions: [],
  passed: { handed: [], crashes: [] },
  membership: { bootId: `boot-${process}`, state: () => 'active' },
  env: { timings: { leaveDeadlineMs: 10_000 } },
})

/** A world of which a test says what is seen in it, and the invariants that look at it. */
export class StagedScene {
  nodes: StagedNode[] = [stagedNode('a', 1), stagedNode('b', 2)]
  facts: ToldFact[] = []
  nowMs = 0
  troubleMs = 0
  powerLosses = 0
  readonly evictionsAsked = new Set<string>()
  readonly out = new Map<string, { readonly generation: number; readonly sinceMs: number }>()
  readonly #invariants: readonly Invariant[]

  constructor() {
    const stage = this
    const scene = {
      changed: () => stage.nodes,
      world: {
        get nodes() {
          return stage.nodes
        },
        heap: { now: () => stage.nowMs },
      },
      takeFacts: () => stage.facts.splice(0),
      lastTroubleMs: () => stage.troubleMs,
      powerLosses: () => stage.powerLosses,
      evictionsAsked: () => stage.evictionsAsked,
      out: () => stage.out,
    }
    this.#invariants = invariants.map((define) => define(scene as unknown as Scene))
  }

  get names(): readonly string[] {
    return this.#invariants.map(({ name }) => name)
  }

  look(name: string): readonly string[] {
    return this.#invariants.find((one) => one.name === name)?.look() ?? ['missing']
  }
}
