import {
  type CodePlace,
  type HostedName,
  type HostedWorkflow,
  HostPool,
  type Notice,
  type OpenHost,
} from '@covey/actors'
import { CoveyError } from '@covey/protocol'
import { systemBackgroundClock } from '@covey/transport'
import type { AnyWorkflow } from '../workflow/define-workflow.js'
import { hostWorkflow } from '../workflow/host-workflow.js'
import { refuseDefinition } from '../workflow/refuse-definition.js'
import { openProcess } from './open-process.js'
import { openThread } from './open-thread.js'

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

const openHost: OpenHost = (place, listener) =>
  (place.isolation === 'thread' ? openThread : openProcess)(place, listener)

/** The threads and processes in which a node runs its isolated workflows. */
export class CodeHosts {
  readonly #pool: HostPool

  /** @param hostsMax as many run as the node has slots */
  constructor(hostsMax: number, notice: (notice: Notice) => void) {
    this.#pool = new HostPool({ hostsMax, clock: systemBackgroundClock, open: openHost, notice })
  }

  /** A definition as a worker runs it. */
  hosted(workflow: AnyWorkflow): HostedWorkflow {
    const inline = hostWorkflow(workflow)
    const place = placeOf(workflow)
    if (place === undefined) return inline
    return { ...inline, host: { run: (attempt) => this.#pool.run(place, attempt) } }
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
      const key = JSON.stringify(place)
      const exported = checked.get(key) ?? (await this.#load(place))
      checked.set(key, exported)
      const { version } = workflow.policy
      if (exported.some((one) => one.name === workflow.name && one.version === version)) continue
      throw moduleFailed(place, `does not export ${workflow.name} ${version}`)
    }
  }

  /** Ends all that have nothing to do: nothing comes soon. */
  rest(): void {
    this.#pool.rest()
  }

  /** Ends all; resolves when nothing of them is left. */
  close(): Promise<void> {
    return this.#pool.close()
  }

  async #load(place: CodePlace): Promise<readonly HostedName[]> {
    try {
      return await this.#pool.load(place)
    } catch (error) {
      throw moduleFailed(place, `does not load: ${error instanceof Error ? error.message : error}`, error)
    }
  }
}

/**
 * The hosts of a node on this machine, with the modules of its isolated workflows checked; nothing where there is none of
 * those. Rejects as `check` does, and nothing is then left open.
 */
export async function openHosts(
  workflows: readonly AnyWorkflow[],
  hostsMax: number,
  notice: (notice: Notice) => void,
): Promise<CodeHosts | undefined> {
  if (workflows.every(({ isolation }) => isolation === undefined)) return undefined
  const hosts = new CodeHosts(hostsMax, notice)
  try {
    await hosts.check(workflows)
    return hosts
  } catch (error) {
    await hosts.close()
    throw error
  }
}
