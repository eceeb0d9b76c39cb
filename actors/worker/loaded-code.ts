import type { CoveyError, Dispatch } from '@covey/protocol'
import type { HostedWorkflow } from './hosted-workflow.js'
import type { ProgressSampler } from './progress-sampler.js'

/**
 * The code of one attempt: loaded, running, or told to stop. A signal and a sampler are made when they are first
 * needed: many functions look at neither, and every dispatch passes here.
 */
export class LoadedCode {
  readonly shard: number
  /** With the results of dependencies themselves, once they have been read. */
  dispatch: Dispatch
  /** What is to be run; `undefined` where this worker has no such workflow. */
  readonly workflow: HostedWorkflow | undefined
  readonly #makeSampler: (code: LoadedCode) => ProgressSampler
  #controller: AbortController | undefined
  #overdue: AbortController | undefined
  #sampler: ProgressSampler | undefined
  #isOver = false

  constructor(
    shard: number,
    dispatch: Dispatch,
    workflow: HostedWorkflow | undefined,
    makeSampler: (code: LoadedCode) => ProgressSampler,
  ) {
    this.shard = shard
    this.dispatch = dispatch
    this.workflow = workflow
    this.#makeSampler = makeSampler
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    return this.#controller.signal
  }

  get isAborted(): boolean {
    return this.#controller?.signal.aborted ?? false
  }

  /** Why it was told to stop, where it was. */
  get stop(): CoveyError | undefined {
    // Only `abort` aborts it, and with one of our errors.
    return this.#controller?.signal.reason as CoveyError | undefined
  }

  abort(error: CoveyError): void {
    this.#controller ??= new AbortController()
    this.#controller.abort(error)
  }

  /** Aborts when its host is to be ended. */
  get overdue(): AbortSignal {
    this.#overdue ??= new AbortController()
    return this.#overdue.signal
  }

  /** It has not returned in time: its host, where it has one, is to be ended. */
  endHost(): void {
    this.#overdue?.abort()
  }

  progress(value: unknown): void {
    if (this.#isOver) return
    this.#sampler ??= this.#makeSampler(this)
    this.#sampler.report(value)
  }

  /** The code has returned: the last progress is sent, and none after it. */
  end(): void {
    this.#isOver = true
    this.#sampler?.end()
  }
}
