import { CoveyError, limits } from '@covey/protocol'
import type { Clock } from '@covey/transport'
import type { Notice } from '../environment.js'
import { type CodeEnding, failure } from '../worker/code-ending.js'
import type { HostedAttempt } from '../worker/hosted-workflow.js'
import type { CodePlace, OpenHost } from './host-channel.js'
import { type HostedName, IsolatedHost } from './isolated-host.js'

/** What the hosts of a node are made with. */
interface HostPoolOptions {
  /** As many run as the node has slots, the idle ones included. */
  readonly hostsMax: number
  /** A clock whose timers keep no process alive. */
  readonly clock: Clock
  /** Starts a thread or a process, as its place says. */
  readonly open: OpenHost
  readonly notice: (notice: Notice) => void
}

interface Idle {
  readonly key: string
  readonly timer: unknown
}

/** Two workflows whose keys are the same can take turns in one thread or process. */
const keyOf = ({ isolation, module, memoryMb }: CodePlace): string =>
  JSON.stringify([isolation, module, memoryMb])

/**
 * The threads and processes of a node, one attempt in each at a time. One that has returned is kept for a while, for the next
 * attempt of a workflow of the same module; one that was ended is replaced when it is needed.
 */
export class HostPool {
  readonly #options: HostPoolOptions
  readonly #hosts = new Set<IsolatedHost>()
  /** Those without an attempt, the longest idle one first. */
  readonly #idle = new Map<IsolatedHost, Idle>()
  #isClosed = false

  constructor(options: HostPoolOptions) {
    this.#options = options
  }

  /** Starts one, and resolves with what its module exports. Rejects where that does not load within `hostStartMsMax`. */
  async load(place: CodePlace): Promise<readonly HostedName[]> {
    const { clock } = this.#options
    const host = this.#start(place)
    const { hostStartMsMax } = limits
    const late = clock.setTimeout(
      () => host.end(`its module has not loaded within ${hostStartMsMax} ms`),
      hostStartMsMax,
    )
    try {
      const exported = await host.ready
      this.#giveBack(place, host)
      return exported
    } finally {
      clock.clearTimeout(late)
    }
  }

  /** Runs an attempt in one that is idle, or a new one; resolves with how its code ended, and never rejects. */
  async run(place: CodePlace, attempt: HostedAttempt): Promise<CodeEnding> {
    try {
      const host = this.#take(place)
      const ending = await host.run(attempt)
      this.#giveBack(place, host)
      return ending
    } catch (cause) {
      const message = `no ${place.isolation} can be started: ${cause instanceof Error ? cause.message : cause}`
      return failure(new CoveyError('host_ended', message, { cause }))
    }
  }

  /** Ends all that have nothing to do: nothing comes soon. */
  rest(): void {
    for (const host of [...this.#idle.keys()]) this.#endIdle(host)
  }

  /** Ends all; resolves when nothing of them is left. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.rest()
    for (const host of this.#hosts) host.end('the node was closed')
    await Promise.all([...this.#hosts].map(({ ended }) => ended))
  }

  #take(place: CodePlace): IsolatedHost {
    if (this.#isClosed) throw new CoveyError('closed', 'the node was closed')
    // The one used last, so that those that nobody needs grow old.
    const host = [...this.#idle].findLast(([, { key }]) => key === keyOf(place))?.[0]
    if (host === undefined) return this.#start(place)
    this.#forgetIdle(host)
    return host
  }

  #start(place: CodePlace): IsolatedHost {
    const { hostsMax, clock, open, notice } = this.#options
    const [oldest] = this.#hosts.size < hostsMax ? [] : this.#idle.keys()
    if (oldest !== undefined) this.#endIdle(oldest)
    const onDefect = (what: string, error?: unknown): void => notice({ kind: 'defect', what, error })
    const host = new IsolatedHost({ place, open, clock, onDefect })
    this.#hosts.add(host)
    void host.ended.then(() => {
      this.#hosts.delete(host)
      this.#forgetIdle(host)
    })
    return host
  }

  #giveBack(place: CodePlace, host: IsolatedHost): void {
    if (!host.isLive) return
    const { clock } = this.#options
    const timer = clock.setTimeout(() => this.#endIdle(host), limits.hostIdleMs)
    this.#idle.set(host, { key: keyOf(place), timer })
  }

  #endIdle(host: IsolatedHost): void {
    this.#forgetIdle(host)
    host.end('nobody needed it')
  }

  #forgetIdle(host: IsolatedHost): void {
    this.#options.clock.clearTimeout(this.#idle.get(host)?.timer)
    this.#idle.delete(host)
  }
}
