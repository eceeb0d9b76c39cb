import { setMaxListeners } from 'node:events'
import { limits } from '@covey/protocol'
import type { Environment } from '../environment.js'
import { pause } from './pause.js'

/**
 * Looks at the facts of a name when somebody knows more of it than this node, after a moment in which they mostly come by
 * themselves: one look a name at a time.
 */
export class FactLooks {
  readonly #env: Environment
  readonly #look: (nodeId: string) => void
  readonly #wanted = new Set<string>()
  readonly #ended = new AbortController()

  constructor(env: Environment, look: (nodeId: string) => void) {
    this.#env = env
    this.#look = look
    setMaxListeners(limits.factReadsInFlightMax, this.#ended.signal)
  }

  /** `isStillNews` is asked after the moment: where it is false by then, nothing is looked at. */
  want(nodeId: string, isStillNews: () => boolean): void {
    if (this.#wanted.has(nodeId) || this.#wanted.size >= limits.factReadsInFlightMax) return
    this.#wanted.add(nodeId)
    void pause(this.#env.clock, limits.factLookDelayMs, this.#ended.signal).then(() => {
      this.#wanted.delete(nodeId)
      if (!this.#ended.signal.aborted && isStillNews()) this.#look(nodeId)
    })
  }

  close(): void {
    this.#ended.abort()
  }
}
