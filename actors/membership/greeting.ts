import { relaysPerProbe, type SessionTerms } from '@covey/machines'
import { type ErrorCode, type JoinedFact, limits } from '@covey/protocol'
import type { Bus } from '@covey/transport'
import { compareSettings, type SettingsWord } from '../connection/settings-check.js'
import { termsOf } from '../connection/terms.js'
import type { Environment } from '../environment.js'
import type { Joiner, JoinOrder } from './join-order.js'
import { pause } from './pause.js'
import type { Peers } from './peers.js'
import { probeSubject, relay, type Target } from './probe.js'
import type { Prober } from './prober.js'

export interface GreetingGround {
  readonly env: Environment
  readonly nodeId: string
  readonly joined: JoinedFact
  readonly peers: Peers
  readonly prober: Prober
  readonly joinOrder: JoinOrder
  /** Join whatever settings the others have. */
  readonly otherSettings: boolean
  /** Resolves when all facts that existed at the start have been read. */
  readonly caughtUp: Promise<void>
}

/** Why this node is not to take part. */
interface JoinRefusal {
  readonly code: ErrorCode
  readonly detail: string
}

/** Asks those who take part, before this node does: for their settings, and both ways whether they live (S3, K13). */
export class Greeting {
  readonly #ground: GreetingGround
  readonly #terms: SessionTerms

  constructor(ground: GreetingGround) {
    this.#ground = ground
    this.#terms = termsOf(ground.joined.version, ground.env.timings)
  }

  /**
   * Why this node is not to take part; `undefined` where it is, or when the signal aborts. The silent are suspected, not
   * waited for; but where the own link broke meanwhile nobody was silent, so that all are asked anew.
   */
  async objection(generation: number, signal: AbortSignal): Promise<JoinRefusal | undefined> {
    const { env, nodeId, caughtUp } = this.#ground
    const { control } = env.links
    await caughtUp
    while (!signal.aborted) {
      const sinceMs = upSince(control)
      const self = { nodeId, generation }
      const earlier = this.#earlier(self)
      if (sinceMs !== undefined && earlier !== undefined) {
        const objection = await this.#ask(self, earlier, signal)
        if (upSince(control) === sinceMs) return objection
      }
      await pause(env.clock, env.timings.redialMinMs, signal)
    }
    return undefined
  }

  async #ask(
    self: Target,
    earlier: readonly Joiner[],
    signal: AbortSignal,
  ): Promise<JoinRefusal | undefined> {
    const { probed } = this.#ground.peers
    const asked: Target[] = []
    for (let rounds = 0; rounds < limits.greetingRoundsMax && !signal.aborted; rounds += 1) {
      const next = this.#activeBeside(asked)
      asked.push(...next)
      const { answered, compared, objection } = await this.#askSome(self, next, signal)
      if (objection !== undefined) return { code: 'incompatible', detail: objection }
      // Who leaves answers, and says nothing of the settings.
      if (answered === 0 || compared > 0) break
    }
    const objection = asked.length > 0 ? undefined : await this.#askEarlier(self, earlier, signal)
    if (objection !== undefined) return { code: 'incompatible', detail: objection }
    const hearers = asked.filter(({ nodeId }) => !probed.isSilent(nodeId)).slice(0, relaysPerProbe)
    return this.#crowded(hearers) ?? this.#unheard(self, hearers, signal)
  }

  /** Those that joined before this node and do not take part yet; `undefined` where that matters, and is not known yet. */
  #earlier(self: Target): readonly Joiner[] | undefined {
    const { joinOrder, otherSettings } = this.#ground
    return otherSettings || !joinOrder.hasOthers(this.#terms.configuration) ? [] : joinOrder.before(self)
  }

  /**
   * Where nobody takes part yet, whoever joined first has the word, as if the others had come after it: what the first that
   * answers of those with other settings says to those of this node.
   */
  async #askEarlier(
    self: Target,
    earlier: readonly Joiner[],
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const { env } = this.#ground
    const terms = this.#terms
    for (const joiner of earlier.slice(0, limits.greetedPeersMax)) {
      if (joiner.configuration === terms.configuration) return undefined
      const question = { env, self, terms, peers: [joiner], isSilent: () => false, signal }
      const { compared, objection } = await compareSettings(question)
      if (compared > 0) return objection
    }
    return undefined
  }

  /** Some of those that take part, and have not been asked yet. */
  #activeBeside(asked: readonly Target[]): Target[] {
    const names = new Set(asked.map(({ nodeId }) => nodeId))
    const others = this.#ground.peers
      .views()
      .filter(({ state, nodeId }) => state === 'active' && !names.has(nodeId))
    return others.slice(0, limits.greetedPeersMax).map(({ peer }) => peer)
  }

  /** Asks some peers both at once: whether they live, and what they say to the settings of this node. */
  async #askSome(self: Target, peers: readonly Target[], signal: AbortSignal): Promise<SettingsWord> {
    const { env, prober, otherSettings } = this.#ground
    const { probed } = this.#ground.peers
    const terms = this.#terms
    const isSilent = (nodeId: string): boolean => probed.isSilent(nodeId)
    const [word] = await Promise.all([
      otherSettings
        ? { answered: 0, compared: 0 }
        : compareSettings({ env, self, terms, peers, isSilent, signal }),
      ...peers.map((peer) => prober.ask(self, peer)),
    ])
    return word
  }

  /**
   * That there are as many as there may be, this name left out. Where nobody answers they may all be dead, and somebody
   * has to be let in who writes so.
   */
  #crowded(hearers: readonly Target[]): JoinRefusal | undefined {
    const { size } = this.#ground.peers.probed
    if (hearers.length === 0 || size < limits.membersMax) return undefined
    return { code: 'overloaded', detail: `${size} nodes take part, and ${limits.membersMax} may` }
  }

  /** That peers which answer do not reach this node themselves, however often they are asked to: nobody else would. */
  async #unheard(
    self: Target,
    hearers: readonly Target[],
    signal: AbortSignal,
  ): Promise<JoinRefusal | undefined> {
    const { env } = this.#ground
    const timeoutMs = 2 * env.timings.probeTimeoutMs
    for (let asks = 0; asks < limits.unheardAsksMax && !signal.aborted; asks += 1) {
      const words = await Promise.all(
        hearers.map((helper) => relay(env, { from: self, helper, target: self, timeoutMs })),
      )
      // Who says nothing is not waited for: only the word of one who has asked in vain counts.
      if (words.includes('answered') || !words.includes('silent')) return undefined
      await pause(env.clock, env.timings.probeTimeoutMs, signal)
    }
    const names = hearers.map(({ nodeId }) => nodeId).join(', ')
    return {
      code: 'unreachable',
      detail: `asked to, ${names} did not reach it at ${probeSubject(env, self)}`,
    }
  }
}

/** Since when a link has been up without a break. */
const upSince = ({ state, stateSinceMs }: Bus): number | undefined =>
  state === 'up' ? stateSinceMs : undefined
