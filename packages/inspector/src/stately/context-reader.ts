import type { NodeAnswers } from '../node-answers.js'
import type { StatelyLimits } from './stately-limits.js'
import type { StatelyActor } from './wire-message.js'

/** The context of an actor, and the state in which it has it. */
export interface KnownContext {
  readonly sessionId: string
  readonly state: string
  readonly context: object
}

/** What a text in JSON says; `undefined` where it is none, as a foreign answer may be. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** A context as a node tells it; one that is too long, or no object, is said to be so in its place. */
function contextOf(json: string, textMax: number): object {
  const cut = (why: string) => ({ '…': `${why}: the page of covey inspect shows it` })
  if (json.length > textMax) return cut(`${json.length} characters are too many for this inspector`)
  const context = parsed(json)
  if (typeof context === 'string') return cut(context)
  return typeof context === 'object' && context !== null ? context : {}
}

/**
 * Asks nodes for the contexts of actors that are new or have moved, so many at a time and in a second, that which waits
 * longest first: an actor that moves again meanwhile is asked for once.
 */
export class ContextReader {
  readonly #nodes: NodeAnswers
  readonly #limits: StatelyLimits
  readonly #told: (known: KnownContext) => void
  readonly #stale = new Map<string, StatelyActor>()
  #asked = 0

  constructor(nodes: NodeAnswers, limits: StatelyLimits, told: (known: KnownContext) => void) {
    this.#nodes = nodes
    this.#limits = limits
    this.#told = told
  }

  /** Whether some have yet to be asked for. */
  get isBehind(): boolean {
    return this.#stale.size > 0
  }

  want(actor: StatelyActor): void {
    this.#stale.set(actor.sessionId, actor)
  }

  forget(sessionId: string): void {
    this.#stale.delete(sessionId)
  }

  clear(): void {
    this.#stale.clear()
  }

  /** Asks for as many as one look may. */
  ask(): void {
    const { contextsPerSendMax, contextsAskedAtOnceMax } = this.#limits
    let room = Math.min(contextsPerSendMax, contextsAskedAtOnceMax - this.#asked)
    for (const [sessionId, actor] of this.#stale) {
      if (room <= 0) return
      room -= 1
      this.#stale.delete(sessionId)
      void this.#ask(actor)
    }
  }

  async #ask({ sessionId, owner }: StatelyActor): Promise<void> {
    if (owner === undefined) return
    const { node, generation, kind, actor } = owner
    this.#asked += 1
    const answer = await this.#nodes.ask(node, generation, { type: 'actor', kind, actor })
    this.#asked -= 1
    if (answer?.type !== 'actor') return
    const { state } = answer
    this.#told({ sessionId, state, context: contextOf(answer.context, this.#limits.contextTextMax) })
  }
}
