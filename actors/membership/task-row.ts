import type { Environment } from '../environment.js'

/** The long work of a node's states: one task follows another, and beginning the next abandons what the last still does. */
export class TaskRow {
  readonly #env: Environment
  #current = new AbortController()

  constructor(env: Environment) {
    this.#env = env
  }

  begin(what: string, work: (signal: AbortSignal) => Promise<void>): void {
    this.abandon()
    this.join(what, work)
  }

  /** Works beside the present task and is abandoned with it. */
  join(what: string, work: (signal: AbortSignal) => Promise<void>): void {
    work(this.#current.signal).catch((error: unknown) => {
      this.#env.notice({ kind: 'defect', what, error })
    })
  }

  abandon(): void {
    this.#current.abort()
    this.#current = new AbortController()
  }
}
