import type { Environment, NodePart, Self } from '../environment.js'

/** The parts of a node, each guarded: one that throws is noticed and stops neither membership nor its neighbours (N12). */
export class PartKeeper {
  readonly #env: Environment
  readonly #parts: readonly NodePart[]
  #isOpen = false

  constructor(env: Environment, parts: readonly NodePart[]) {
    this.#env = env
    this.#parts = parts
  }

  open(self: Self): void {
    this.#isOpen = true
    this.#each('open', (part) => part.open(self))
  }

  activate(): void {
    this.#each('activate', (part) => part.activate())
  }

  fence(): void {
    if (this.#isOpen) this.#each('fence', (part) => part.fence())
  }

  /** Whether all parts ended clean. A part that was never opened has nothing to drain. */
  async drain(deadlineMs: number): Promise<boolean> {
    if (!this.#isOpen) return true
    const drains = this.#parts.map(async (part) => (await part.drain(deadlineMs)).clean)
    const ends = await Promise.allSettled(drains)
    for (const end of ends) if (end.status === 'rejected') this.#notice('drain', end.reason)
    return ends.every((end) => end.status === 'fulfilled' && end.value)
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#each('close', (part) => part.close())
  }

  #each(hook: string, call: (part: NodePart) => void): void {
    for (const part of this.#parts) {
      try {
        call(part)
      } catch (error) {
        this.#notice(hook, error)
      }
    }
  }

  #notice(hook: string, error: unknown): void {
    this.#env.notice({ kind: 'defect', what: `a part threw in ${hook}()`, error })
  }
}
