import { differenceOf, disagreementOf, type SessionTerms } from '@covey/machines'
import { type HelloMessage, limits, type RefusalMessage } from '@covey/protocol'
import type { Environment } from '../environment.js'
import type { Target } from '../membership/probe.js'
import { settingsOf, termsOf } from './terms.js'

/** What this node agrees on with its peers before a session opens, and what it says where they cannot agree. */
export class Handshake {
  readonly terms: SessionTerms
  readonly #env: Environment
  readonly #nodeId: string
  /** The generation of each peer that was told of as refused. */
  readonly #told = new Map<string, number>()

  constructor(env: Environment, nodeId: string, version: string) {
    this.terms = termsOf(version, env.timings)
    this.#env = env
    this.#nodeId = nodeId
  }

  /** Why a hello cannot lead to a session, if so: which of the terms differs, and what to do. */
  refusalOf(hello: HelloMessage): RefusalMessage | undefined {
    const disagreement = disagreementOf({ name: this.#nodeId, ...this.terms }, { name: hello.from, ...hello })
    if (disagreement === undefined) return undefined
    const { field, detail } = disagreement
    const refusal = { reason: 'incompatible', detail: detail.slice(0, limits.reasonTextMax) } as const
    // Which setting it is, whoever is refused finds out, and tells.
    return field === 'configuration' ? { ...refusal, settings: settingsOf(this.#env.timings) } : refusal
  }

  /** What a refusal says, in words for a person. */
  describe({ detail, settings }: RefusalMessage): string {
    const difference = settings && differenceOf(settingsOf(this.#env.timings), settings)
    return difference === undefined ? detail : `${detail}: ${difference}`
  }

  /** Said once of a generation, whichever side has found it: one line for one cause. */
  tell({ nodeId: peer, generation }: Target, reason: string): void {
    if (this.#told.get(peer) === generation) return
    this.#told.set(peer, generation)
    this.#env.notice({ kind: 'session.refused', peer, reason })
  }

  forget(peer: string): void {
    this.#told.delete(peer)
  }
}
