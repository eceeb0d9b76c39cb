import { createHash } from 'node:crypto'
import type { SimulatedNode } from './simulated-node.js'

/** One number for all that happened: every transition of every actor, in order, with its time. */
export class Digest {
  readonly #hash = createHash('sha256')
  #transitions = 0

  get transitions(): number {
    return this.#transitions
  }

  /** Takes what these nodes have recorded since the last call away from them. */
  take(nowMs: number, nodes: readonly SimulatedNode[]): void {
    for (const { address, transitions } of nodes) {
      if (transitions.length === 0) continue
      for (const { actor, from, event, to } of transitions) {
        this.#hash.update(`${nowMs} ${address} ${actor} ${from} ${event} ${to}\n`)
      }
      this.#transitions += transitions.length
      transitions.length = 0
    }
  }

  /** Takes what happened beside the actors. */
  note(nowMs: number, line: string): void {
    this.#hash.update(`${nowMs} ${line}\n`)
  }

  text(): string {
    return this.#hash.copy().digest('hex').slice(0, 16)
  }
}
