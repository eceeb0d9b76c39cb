import type { Environment } from '../environment.js'

/** Nobody reads why; made once, since an abort without a reason captures a stack each time. */
const abandoned = new Error('abandoned for what came next')

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
    this.#current.abort(abandoned)
    this.#current = new AbortController()
  }
}
