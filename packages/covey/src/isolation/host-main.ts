import {
  type CodeEnding,
  type Extension,
  failure,
  type HostedWorkflow,
  LoadedCode,
  runCode,
  Sampler,
  type StatisticsRecorder,
  type TimeAsk,
} from '@covey/actors'
import { offerKey } from '@covey/machines'
import {
  CoveyError,
  type Dispatch,
  type ErrorReport,
  errorFromReport,
  hostDefect,
  hostEnded,
  hostExtend,
  type hostExtended,
  hostFailed,
  hostOrders,
  hostProgress,
  hostReady,
  type hostRun,
  hostStatistics,
  limits,
  packGiven,
} from '@covey/protocol'
import { systemBackgroundClock, systemWallClock } from '@covey/transport'
import type { AnyWorkflow } from '../workflow/define-workflow.js'
import { exportedWorkflows } from '../workflow/exported-workflows.js'
import { hostWorkflow } from '../workflow/host-workflow.js'
import { markAsHost } from './host-mark.js'

/** The way from a host to its node. */
export interface NodeChannel {
  say(frame: Uint8Array): void
  hear(listener: (frame: unknown) => void): void
  /** Ends this host once all is said. */
  end(): void
}

/** An error that no function threw, as it ends the attempt that runs now. */
function strayReport(what: string, thrown: unknown): ErrorReport {
  const ending = failure(thrown)
  const { message, causes = [] } = ending.type === 'code.failed' ? ending.error : { message: '' }
  return { code: 'host_ended', message: `${what}: ${message}`.slice(0, limits.errorTextMax), causes }
}

/** Runs the attempts that its node sends, one at a time. */
class HostMain {
  readonly #channel: NodeChannel
  readonly #workflows: ReadonlyMap<string, HostedWorkflow>
  #code: LoadedCode | undefined
  /** Asks for more time that the node has not answered, by their numbers. */
  readonly #asked = new Map<number, (extension: Extension) => void>()
  #asks = 0

  constructor(channel: NodeChannel, workflows: readonly AnyWorkflow[]) {
    this.#channel = channel
    this.#workflows = new Map(
      workflows.map((workflow) => [offerKey(workflow.name, workflow.policy.version), hostWorkflow(workflow)]),
    )
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
    const workflow = this.#workflows.get(offerKey(name, version))
    const code = new LoadedCode(0, { ...dispatch, ...(results && { results }) }, workflow, {
      makeSampler: this.#makeSampler,
      makeStatisticsSampler: this.#makeStatisticsSampler,
      wallNow: systemWallClock,
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
    this.#channel.say(hostEnded.encode({ token, ending }))
  }

  #extend({ dispatch: { token } }: LoadedCode, ask: TimeAsk): Promise<Extension> {
    // One at a time, as the node takes them.
    if (this.#asked.size > 0)
      return Promise.resolve({ grantedMs: 0, reason: 'it is being asked for already' })
    this.#asks += 1
    const number = this.#asks
    return new Promise((resolve) => {
      this.#asked.set(number, resolve)
      this.#channel.say(hostExtend.encode({ token, number, ...ask }))
    })
  }

  #noteExtended({ number, grantedMs, reason }: ReturnType<typeof hostExtended.decode>): void {
    const resolve = this.#asked.get(number)
    this.#asked.delete(number)
    resolve?.({ grantedMs, ...(reason !== undefined && { reason }) })
  }

  readonly #makeStatisticsSampler = ({ dispatch: { token } }: LoadedCode): Sampler<StatisticsRecorder> =>
    new Sampler(systemBackgroundClock, 1_000 / limits.statisticsPerSecondMax, (recorder) =>
      this.#channel.say(hostStatistics.encode({ token, value: recorder.pack() })),
    )

  readonly #makeSampler = ({ dispatch: { token } }: LoadedCode): Sampler<unknown> =>
    new Sampler(systemBackgroundClock, 1_000 / limits.progressPerSecondMax, (value) =>
      this.#channel.say(progressFrame(token, value)),
    )
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

/** Loads the module and runs the attempts of its workflows in this thread, until it is ended. */
export async function serveCode(channel: NodeChannel, module: string): Promise<void> {
  markAsHost()
  const fail = (what: string, error: unknown): void => {
    channel.say(hostFailed.encode({ error: strayReport(what, error) }))
    channel.end()
  }
  process.on('uncaughtException', (error) => fail('an error was thrown outside the function', error))
  try {
    const workflows = exportedWorkflows((await import(module)) as Record<string, unknown>)
    const main = new HostMain(channel, workflows)
    channel.hear((frame) => main.hear(frame))
    channel.say(
      hostReady.encode({
        workflows: workflows.map(({ name, policy: { version } }) => ({ name, version })),
      }),
    )
  } catch (error) {
    fail(`${module} does not load`, error)
  }
}
