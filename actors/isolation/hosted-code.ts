import { offerKey } from '@covey/machines'
import {
  CoveyError,
  type Dispatch,
  errorFromReport,
  hostDefect,
  hostEnded,
  hostExtend,
  type hostExtended,
  hostOrders,
  hostProgress,
  hostReady,
  type hostRun,
  hostStatistics,
  limits,
  packGiven,
} from '@covey/protocol'
import type { Clock } from '@covey/transport'
import type { StatisticsRecorder } from '../statistics/recorder.js'
import { type CodeEnding, failure } from '../worker/code-ending.js'
import type { Extension } from '../worker/extension-asks.js'
import type { HostedWorkflow } from '../worker/hosted-workflow.js'
import { LoadedCode, type TimeAsk } from '../worker/loaded-code.js'
import { runCode } from '../worker/run-code.js'
import { Sampler } from '../worker/sampler.js'
import type { NodeChannel } from './host-channel.js'

/** What runs in a thread or process of isolated workflows. */
interface HostedCodeOptions {
  readonly channel: NodeChannel
  /** What its module exports. */
  readonly workflows: readonly HostedWorkflow[]
  /** A clock whose timers keep nothing alive. */
  readonly clock: Clock
  /** The wall clock, by which statistics have their windows. */
  readonly wallNow: () => number
}

function progressFrame(token: Dispatch['token'], value: unknown): Uint8Array {
  try {
    const packed = packGiven(value)
    if (packed.byteLength <= limits.inlineBytesMax) return hostProgress.encode({ token, value: packed })
    return hostDefect.encode({ token, message: `the progress has ${packed.byteLength} bytes` })
  } catch (error) {
    return hostDefect.encode({ token, message: String(error).slice(0, limits.errorTextMax) })
  }
}

/** The other end of an {@link IsolatedHost}: runs the attempts that its node sends, one at a time. */
export class HostedCode {
  readonly #options: HostedCodeOptions
  readonly #workflows: ReadonlyMap<string, HostedWorkflow>
  #code: LoadedCode | undefined
  /** Asks for more time that the node has not answered, by their numbers. */
  readonly #asked = new Map<number, (extension: Extension) => void>()
  #asks = 0

  constructor(options: HostedCodeOptions) {
    this.#options = options
    this.#workflows = new Map(
      options.workflows.map((workflow) => [offerKey(workflow.name, workflow.policy.version), workflow]),
    )
  }

  /** Tells its node that it can run something, and what. */
  begin(): void {
    const workflows = this.#options.workflows.map(({ name, policy: { version } }) => ({ name, version }))
    this.#options.channel.say(hostReady.encode({ workflows }))
  }

  hear(frame: unknown): void {
    // What user code has sent to itself is no order.
    if (!(frame instanceof Uint8Array)) return
    const { kind, body } = hostOrders.decode(frame)
    if (kind === 'host.run') void this.#run(body)
    else if (kind === 'host.extended') this.#noteExtended(body)
    else if (this.#code?.dispatch.token === body.token) this.#code.abort(errorFromReport(body.error))
  }

  async #run({ dispatch, results, node }: ReturnType<typeof hostRun.decode>): Promise<void> {
    const { name, version, token } = dispatch
    const { channel, wallNow } = this.#options
    const workflow = this.#workflows.get(offerKey(name, version))
    const code = new LoadedCode(0, { ...dispatch, ...(results && { results }) }, workflow, {
      makeSampler: this.#makeSampler,
      makeStatisticsSampler: this.#makeStatisticsSampler,
      wallNow,
      extend: (of, ask) => this.#extend(of, ask),
    })
    this.#code = code
    const ending: CodeEnding =
      workflow === undefined
        ? failure(new CoveyError('unknown_workflow', `the module exports no ${name} ${version}`))
        : await runCode(workflow, code, node)
    code.end()
    this.#code = undefined
    // Nobody waits for them any more whose function has returned.
    for (const resolve of this.#asked.values()) resolve({ grantedMs: 0, reason: 'the attempt is over' })
    this.#asked.clear()
    channel.say(hostEnded.encode({ token, ending }))
  }

  #extend({ dispatch: { token } }: LoadedCode, ask: TimeAsk): Promise<Extension> {
    // One at a time, as the node takes them.
    if (this.#asked.size > 0)
      return Promise.resolve({ grantedMs: 0, reason: 'it is being asked for already' })
    this.#asks += 1
    const number = this.#asks
    return new Promise((resolve) => {
      this.#asked.set(number, resolve)
      this.#options.channel.say(hostExtend.encode({ token, number, ...ask }))
    })
  }

  #noteExtended({ number, grantedMs, reason }: ReturnType<typeof hostExtended.decode>): void {
    const resolve = this.#asked.get(number)
    this.#asked.delete(number)
    resolve?.({ grantedMs, ...(reason !== undefined && { reason }) })
  }

  readonly #makeStatisticsSampler = ({ dispatch: { token } }: LoadedCode): Sampler<StatisticsRecorder> =>
    new Sampler(this.#options.clock, 1_000 / limits.statisticsPerSecondMax, (recorder) =>
      this.#options.channel.say(hostStatistics.encode({ token, value: recorder.pack() })),
    )

  readonly #makeSampler = ({ dispatch: { token } }: LoadedCode): Sampler<unknown> =>
    new Sampler(this.#options.clock, 1_000 / limits.progressPerSecondMax, (value) =>
      this.#options.channel.say(progressFrame(token, value)),
    )
}
