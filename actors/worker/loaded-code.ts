import { CoveyError, type Dispatch, limits } from '@covey/protocol'
import { StatisticsRecorder } from '../statistics/recorder.js'
import type { Extension } from './extension-asks.js'
import type { HostedWorkflow } from './hosted-workflow.js'
import type { Sampler } from './sampler.js'

/** How far a function is, and how much more time it wants. */
export interface TimeAsk {
  /** How often it has reported progress. */
  readonly progress: number
  /** Milliseconds; without it, as many as there are. */
  readonly wantedMs?: number
}

/** What the code of an attempt is given by where it runs. */
export interface CodeGround {
  readonly makeSampler: (code: LoadedCode) => Sampler<unknown>
  /** Sends what the function has counted so far. */
  readonly makeStatisticsSampler: (code: LoadedCode) => Sampler<StatisticsRecorder>
  /** The wall clock, by which statistics have their windows. */
  readonly wallNow: () => number
  readonly extend: (code: LoadedCode, ask: TimeAsk) => Promise<Extension>
}

/** Functions without types may ask for anything, and a text such as '5000' compares as a number does. */
const isTime = (wantedMs: unknown): boolean =>
  typeof wantedMs === 'number' && wantedMs > 0 && wantedMs <= limits.workflowTimeoutMsMax

/**
 * The code of one attempt: loaded, running, or told to stop. A signal, samplers and a recorder are made when they
 * are first needed: many functions look at none of them, and every dispatch passes here.
 */
export class LoadedCode {
  readonly shard: number
  /** With the results of dependencies themselves, once they have been read. */
  dispatch: Dispatch
  /** What is to be run; `undefined` where this worker has no such workflow. */
  readonly workflow: HostedWorkflow | undefined
  readonly #ground: CodeGround
  #controller: AbortController | undefined
  #overdue: AbortController | undefined
  #sampler: Sampler<unknown> | undefined
  #recorder: StatisticsRecorder | undefined
  #statisticsSampler: Sampler<StatisticsRecorder> | undefined
  #isOver = false
  #reports = 0

  constructor(shard: number, dispatch: Dispatch, workflow: HostedWorkflow | undefined, ground: CodeGround) {
    this.shard = shard
    this.dispatch = dispatch
    this.workflow = workflow
    this.#ground = ground
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
    this.#reports += 1
    this.#sampler ??= this.#ground.makeSampler(this)
    this.#sampler.report(value)
  }

  /** What the function counts with. */
  get statistics(): StatisticsRecorder {
    this.#recorder ??= new StatisticsRecorder(this.#ground.wallNow, this.#onSample)
    return this.#recorder
  }

  /** The function has returned: what it has counted, if anything; what it counts from now on is nothing. */
  counted(): Uint8Array | undefined {
    return this.#recorder?.close()
  }

  /** Asks for more time. Throws `invalid_options` for what is no time. */
  async extendTimeout(wantedMs?: number): Promise<Extension> {
    if (wantedMs !== undefined && !isTime(wantedMs)) {
      const given = typeof wantedMs === 'number' ? String(wantedMs) : `a ${typeof wantedMs}`
      const message = `extendTimeout: ${given} is no number of milliseconds above 0 and up to ${limits.workflowTimeoutMsMax}`
      throw new CoveyError('invalid_options', message, { mend: 'leave it out for as much as there is' })
    }
    if (this.#isOver) return { grantedMs: 0, reason: 'the attempt is over' }
    if (this.isAborted) return { grantedMs: 0, reason: 'the attempt is being stopped' }
    return this.#ground.extend(this, { progress: this.#reports, ...(wantedMs !== undefined && { wantedMs }) })
  }

  /** The code has returned: the last progress and statistics are sent, and none after them. */
  end(): void {
    this.#isOver = true
    this.#sampler?.end()
    this.#statisticsSampler?.end()
  }

  readonly #onSample = (): void => {
    this.#statisticsSampler ??= this.#ground.makeStatisticsSampler(this)
    this.#statisticsSampler.report(this.statistics)
  }
}
