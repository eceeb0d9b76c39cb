import { type CodeEnding, failure, type HostedAttempt, type HostedWorkflow, type Notice } from '@covey/actors'
import { CoveyError, limits } from '@covey/protocol'
import { type Clock, systemBackgroundClock } from '@covey/transport'
import type { AnyWorkflow } from '../workflow/define-workflow.js'
import { hostWorkflow } from '../workflow/host-workflow.js'
import { refuseDefinition } from '../workflow/refuse-definition.js'
import type { CodePlace } from './host-channel.js'
import { type HostedName, IsolatedHost } from './isolated-host.js'
import { openProcess } from './open-process.js'
import { openThread } from './open-thread.js'

/** What the hosts of a node are made with. */
export interface CodeHostsOptions {
  /** As many run as the node has slots, the idle ones included. */
  readonly hostsMax: number
  /** A clock whose timers keep no process alive. */
  readonly clock: Clock
  readonly notice: (notice: Notice) => void
}

interface Idle {
  readonly key: string
  readonly timer: unknown
}

/** Two workflows whose keys are the same can take turns in one thread or process. */
const keyOf = ({ isolation, module, memoryMb }: CodePlace): string =>
  JSON.stringify([isolation, module, memoryMb])

/** Where a workflow runs. Throws `invalid_definition` where nobody says which file a thread or process has to load. */
function placeOf({ name, isolation, module, memoryMb }: AnyWorkflow): CodePlace | undefined {
  if (isolation === undefined) return undefined
  if (module === undefined) {
    refuseDefinition(
      'module',
      `${name} runs in a ${isolation} of its own, and nothing says which file it loads`,
      'add module: import.meta.url to its definition, or give the file with --workflows',
    )
  }
  return { isolation, module, memoryMb }
}

const moduleFailed = ({ isolation, module }: CodePlace, what: string, cause?: unknown): CoveyError =>
  new CoveyError('module_failed', `${module}, loaded in a ${isolation} of its own, ${what}`, {
    address: module,
    mend: 'isolated workflows need a file that only defines and exports them, in JavaScript or for a Node that loads .ts',
    cause,
  })

/**
 * The threads and processes in which a node runs its isolated workflows, one attempt in each at a time. One that has
 * returned is kept for a while, for the next attempt of a workflow of the same module; one that was ended is replaced when
 * it is needed.
 */
export class CodeHosts {
  readonly #options: CodeHostsOptions
  readonly #hosts = new Set<IsolatedHost>()
  /** Those without an attempt, the longest idle one first. */
  readonly #idle = new Map<IsolatedHost, Idle>()
  #isClosed = false

  constructor(options: CodeHostsOptions) {
    this.#options = options
  }

  /** A definition as a worker runs it. */
  hosted(workflow: AnyWorkflow): HostedWorkflow {
    const inline = hostWorkflow(workflow)
    const place = placeOf(workflow)
    if (place === undefined) return inline
    return { ...inline, host: { run: (attempt) => this.#run(place, attempt) } }
  }

  /**
   * Loads the module of every isolated workflow where it is to run. Rejects `invalid_definition` where none is named, and
   * `module_failed` where it does not load, or does not export the workflow.
   */
  async check(workflows: readonly AnyWorkflow[]): Promise<void> {
    const checked = new Map<string, readonly HostedName[]>()
    for (const workflow of workflows) {
      const place = placeOf(workflow)
      if (place === undefined) continue
      const key = keyOf(place)
      const exported = checked.get(key) ?? (await this.#load(place))
      checked.set(key, exported)
      const { version } = workflow.policy
      if (exported.some((one) => one.name === workflow.name && one.version === version)) continue
      throw moduleFailed(place, `does not export ${workflow.name} ${version}`)
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

  async #load(place: CodePlace): Promise<readonly HostedName[]> {
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
    } catch (error) {
      throw moduleFailed(place, `does not load: ${error instanceof Error ? error.message : error}`, error)
    } finally {
      clock.clearTimeout(late)
    }
  }

  async #run(place: CodePlace, attempt: HostedAttempt): Promise<CodeEnding> {
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

  #take(place: CodePlace): IsolatedHost {
    if (this.#isClosed) throw new CoveyError('closed', 'the node was closed')
    // The one used last, so that those that nobody needs grow old.
    const host = [...this.#idle].findLast(([, { key }]) => key === keyOf(place))?.[0]
    if (host === undefined) return this.#start(place)
    this.#forgetIdle(host)
    return host
  }

  #start(place: CodePlace): IsolatedHost {
    const { hostsMax, clock, notice } = this.#options
    const [oldest] = this.#hosts.size < hostsMax ? [] : this.#idle.keys()
    if (oldest !== undefined) this.#endIdle(oldest)
    const open = place.isolation === 'thread' ? openThread : openProcess
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

/**
 * The hosts of a node on this machine, with the modules of its isolated workflows checked; nothing where there is none of
 * those. Rejects as `check` does, and nothing is then left open.
 */
export async function openHosts(
  workflows: readonly AnyWorkflow[],
  hostsMax: number,
  notice: CodeHostsOptions['notice'],
): Promise<CodeHosts | undefined> {
  if (workflows.every(({ isolation }) => isolation === undefined)) return undefined
  const hosts = new CodeHosts({ hostsMax, clock: systemBackgroundClock, notice })
  try {
    await hosts.check(workflows)
    return hosts
  } catch (error) {
    await hosts.close()
    throw error
  }
}
