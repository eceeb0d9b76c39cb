import { ChurnMap } from '@covey/engine'
import { offerKey } from '@covey/machines'
import { CoveyError, type Dispatch, limits, packGiven, progressMessage } from '@covey/protocol'
import type { Environment, Self } from '../environment.js'
import type { StatisticsRecorder } from '../statistics/recorder.js'
import { type CodeEnding, failure, withStatistics } from './code-ending.js'
import type { CodeHost, HostedWorkflow } from './hosted-workflow.js'
import { handsOverStored, isLarge, LargeResults } from './large-results.js'
import { type CodeGround, LoadedCode } from './loaded-code.js'
import { runCode } from './run-code.js'
import { SaidStatistics } from './said-statistics.js'
import { Sampler } from './sampler.js'

/** What a runner of code works with. */
export interface CodeRunnerOptions {
  readonly env: Environment
  readonly self: Self
  readonly workflows: readonly HostedWorkflow[]
  /** Tells the attempt under this address how its code does. */
  readonly tell: (address: string, event: { readonly type: 'code.started' } | CodeEnding) => void
  /** The wall clock in milliseconds, by which statistics have their windows. */
  readonly wallNow: () => number
  /** Asks the leader for more time for an attempt. */
  readonly extend: CodeGround['extend']
  /** How long the lease of a shard still holds; `undefined` where it does not. */
  readonly leaseLeftMs: (shard: number) => number | undefined
}

const resolved = Promise.resolve()
const progressIntervalMs = 1_000 / limits.progressPerSecondMax
const statisticsIntervalMs = 1_000 / limits.statisticsPerSecondMax

/** Runs the functions of workflows, here or in their hosts, and tells how they end. Nothing that they do can throw into it. */
export class CodeRunner {
  readonly #options: CodeRunnerOptions
  readonly #workflows: ReadonlyMap<string, HostedWorkflow>
  readonly #results: LargeResults
  readonly #statistics: SaidStatistics
  readonly #ground: CodeGround
  #codes = new ChurnMap<string, LoadedCode>()
  #exclusive = 0

  constructor(options: CodeRunnerOptions) {
    this.#options = options
    this.#results = new LargeResults(options.env)
    this.#statistics = new SaidStatistics(options.env, options.self)
    this.#ground = {
      makeSampler: (code) => this.#makeSampler(code),
      makeStatisticsSampler: (code) => this.#makeStatisticsSampler(code),
      wallNow: options.wallNow,
      extend: options.extend,
    }
    this.#workflows = new Map(
      options.workflows.map((workflow) => [offerKey(workflow.name, workflow.policy.version), workflow]),
    )
  }

  /** Attempts whose code has not returned. */
  get running(): number {
    return this.#codes.size
  }

  isRunning(address: string): boolean {
    return this.#codes.has(address)
  }

  /** Takes over what an attempt needs; `start` runs it. Answers whether it has a host that can be ended. */
  load(address: string, shard: number, dispatch: Dispatch): boolean {
    const workflow = this.#workflows.get(offerKey(dispatch.name, dispatch.version))
    this.#codes.set(address, new LoadedCode(shard, dispatch, workflow, this.#ground))
    if (dispatch.exclusive) this.#hold(this.#exclusive + 1)
    return workflow?.host !== undefined
  }

  /** Runs the code of an attempt after the present event: no user code runs inside a transition. */
  start(address: string): void {
    // Not queueMicrotask, with which Node begins an asynchronous scope for each call.
    void resolved.then(() => this.#run(address))
  }

  /** Aborts the signal of an attempt; code that has not begun never does. */
  abort(address: string, error: CoveyError): void {
    this.#codes.get(address)?.abort(error)
  }

  /** Ends the host of an attempt whose code has not returned in time. */
  endHost(address: string): void {
    this.#codes.get(address)?.endHost()
  }

  /** Aborts everything, ends the hosts, and tells nothing more: the node closes. */
  close(): void {
    const codes = [...this.#codes.values()]
    this.#codes = new ChurnMap()
    this.#hold(0)
    for (const code of codes) {
      code.abort(new CoveyError('closed', 'the worker was closed'))
      code.endHost()
      code.end()
    }
    this.#statistics.close()
  }

  async #run(address: string): Promise<void> {
    const code = this.#codes.get(address)
    if (code === undefined) return
    if (code.isAborted) {
      this.#drop(address, code)
      return
    }
    this.#options.tell(address, { type: 'code.started' })
    // Results that are too large for a message are read before, and stored after; all others wait for nothing here.
    const lack = handsOverStored(code.dispatch) ? await this.#results.fetch(code) : undefined
    const said = lack ?? (await this.#traced(code))
    const ending = isLarge(said)
      ? withStatistics(await this.#results.store(code, said), said.statistics)
      : said
    code.end()
    this.#statistics.end(code)
    if (this.#drop(address, code)) this.#options.tell(address, ending)
  }

  /** Whether the code was still here. */
  #drop(address: string, { dispatch }: LoadedCode): boolean {
    if (!this.#codes.delete(address)) return false
    if (dispatch.exclusive) this.#hold(this.#exclusive - 1)
    return true
  }

  /** What may not outlive its lease is known beside the loop, which it may block (K28). */
  #hold(exclusive: number): void {
    this.#exclusive = exclusive
    this.#options.env.links.pulse.holds(exclusive)
  }

  #traced(code: LoadedCode): Promise<CodeEnding> {
    const { tracing } = this.#options.env
    if (tracing?.isOn !== true) return this.#execute(code)
    const { dispatch } = code
    return tracing.run({ dispatch, stop: () => code.stop?.code }, () => this.#execute(code))
  }

  #execute(code: LoadedCode): Promise<CodeEnding> {
    const { dispatch, workflow } = code
    if (workflow === undefined) {
      const { name, version } = dispatch
      return Promise.resolve(failure(new CoveyError('unknown_workflow', `no ${name} ${version} here`)))
    }
    return workflow.host === undefined
      ? runCode(workflow, code, this.#options.self.nodeId)
      : this.#executeIn(workflow.host, code)
  }

  #executeIn(host: CodeHost, code: LoadedCode): Promise<CodeEnding> {
    const { dispatch, shard, signal, overdue } = code
    const { self, leaseLeftMs } = this.#options
    let number = 0
    return host.run({
      dispatch,
      node: self.nodeId,
      signal,
      overdue,
      leaseLeftMs: () => leaseLeftMs(shard),
      progress: (value) => code.progress(value),
      statistics: (value) => {
        number += 1
        this.#statistics.say(code, value, number)
      },
      extend: (ask) => this.#options.extend(code, ask),
    })
  }

  #makeStatisticsSampler(code: LoadedCode): Sampler<StatisticsRecorder> {
    return new Sampler(this.#options.env.clock, statisticsIntervalMs, (recorder, number) =>
      this.#statistics.say(code, recorder.pack(), number),
    )
  }

  #makeSampler({ shard, dispatch }: LoadedCode): Sampler<unknown> {
    return new Sampler(this.#options.env.clock, progressIntervalMs, (value, number) =>
      this.#sendProgress(shard, dispatch, value, number),
    )
  }

  #sendProgress(shard: number, { workflow, token }: Dispatch, value: unknown, number: number): void {
    const { links, subjects, notice } = this.#options.env
    try {
      const packed = packGiven(value)
      if (packed.byteLength > limits.inlineBytesMax) {
        throw new CoveyError('too_large', `the progress has ${packed.byteLength} bytes`, {
          address: workflow,
        })
      }
      const data = progressMessage.encode({ workflow, token, number, value: packed })
      links.data.publish(subjects.progress(shard, workflow), data)
    } catch (error) {
      notice({ kind: 'defect', what: `a progress report of ${workflow} cannot be sent`, error })
    }
  }
}
