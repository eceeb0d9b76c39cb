import { type JoinedFact, limits } from '@covey/protocol'
import type { Bus } from '@covey/transport'
import { settingsObjection } from '../connection/settings-check.js'
import { termsOf } from '../connection/terms.js'
import type { Environment } from '../environment.js'
import { pause } from './pause.js'
import type { Peers } from './peers.js'
import type { Target } from './probe.js'
import type { Prober } from './prober.js'

export interface GreetingGround {
  readonly env: Environment
  readonly nodeId: string
  readonly joined: JoinedFact
  readonly peers: Peers
  readonly prober: Prober
  /** Join whatever settings the others have. */
  readonly otherSettings: boolean
  /** Resolves when all facts that existed at the start have been read. */
  readonly caughtUp: Promise<void>
}

/** Asks those who take part, before this node does: whether they live, and for their settings (S3, K13). */
export class Greeting {
  readonly #ground: GreetingGround

  constructor(ground: GreetingGround) {
    this.#ground = ground
  }

  /**
   * Why this node is not to take part; `undefined` where it is, or when the signal aborts. The silent are suspected, not
   * waited for; but where the own link broke meanwhile nobody was silent, so that all are asked anew.
   */
  async objection(generation: number, signal: AbortSignal): Promise<string | undefined> {
    const { env, nodeId, caughtUp } = this.#ground
    const { control } = env.links
    await caughtUp
    while (!signal.aborted) {
      const sinceMs = upSince(control)
      if (sinceMs !== undefined) {
        const objection = await this.#ask({ nodeId, generation }, signal)
        if (upSince(control) === sinceMs) return objection
      }
      await pause(env.clock, env.timings.redialMinMs, signal)
    }
    return undefined
  }

  async #ask(self: Target, signal: AbortSignal): Promise<string | undefined> {
    const { env, joined, peers, prober, otherSettings } = this.#ground
    const active = peers.views().filter(({ state }) => state === 'active')
    const asked = active.slice(0, limits.greetedPeersMax).map(({ peer }) => peer)
    const isSilent = (nodeId: string): boolean => peers.probed.isSilent(nodeId)
    const terms = termsOf(joined.version, env.timings)
    const [objection] = await Promise.all([
      otherSettings ? undefined : settingsObjection({ env, self, terms, peers: asked, isSilent, signal }),
      ...asked.map((peer) => prober.ask(self, peer)),
    ])
    return objection
  }
}

/** Since when a link has been up without a break. */
const upSince = ({ state, stateSinceMs }: Bus): number | undefined =>
  state === 'up' ? stateSinceMs : undefined
