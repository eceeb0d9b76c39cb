import { CoveyError, singleServerTimings } from '@covey/protocol'
import { type ChildNode, type NodeExit, type NodePlan, startChildNode } from './child-node.js'
import type { LaunchEvent, LaunchedNode } from './launch-options.js'
import { type ExitTelling, tellExit } from './tell-exit.js'

/** What a crew stands on. */
export interface CrewOptions extends Omit<ExitTelling, 'signal'> {
  readonly onEvent: (event: LaunchEvent) => void
}

/** A node that has not ended this long after its own deadline to leave is killed. */
const leaveMaxMs = singleServerTimings.leaveDeadlineMs + 2_000

const isLive = ({ exit }: ChildNode): boolean => exit === undefined

const exitOf = ({ exit }: ChildNode): NodeExit[] => (exit === undefined ? [] : [exit])

/**
 * The processes that one launcher has started.
 *
 * 1. Nobody is restarted: what an exit means is said to a manager, and the work moves on.
 * 2. An exit is told unless the node has left by itself, which its own fact then says.
 */
export class Crew {
  readonly #options: CrewOptions
  readonly #ending = new AbortController()
  readonly #tellings = new Set<Promise<void>>()
  readonly #children: ChildNode[] = []
  #killed = false

  constructor(options: CrewOptions) {
    this.#options = options
  }

  get live(): readonly LaunchedNode[] {
    return this.#children.filter(isLive).map(({ name, pid, roles }) => ({ name, pid, roles }))
  }

  get exits(): readonly NodeExit[] {
    return this.#children.flatMap(exitOf)
  }

  /** Starts all of them and resolves when each takes part. Rejects with the first one's error. */
  async start(plans: readonly NodePlan[]): Promise<void> {
    const started = await Promise.all(plans.map((plan) => this.#startOne(plan)))
    await Promise.all(started.map(({ active }) => active))
  }

  /** Sends a signal. Throws `not_found` where no such node lives. */
  kill(name: string, signal: NodeJS.Signals): void {
    const child = this.#children.find((candidate) => candidate.name === name && isLive(candidate))
    if (child === undefined)
      throw new CoveyError('not_found', `no node ${name} lives here`, { address: name })
    child.kill(signal)
  }

  /** Ends all without a goodbye: what that means needs to be said to nobody. */
  killAll(): void {
    this.#killed = true
    this.#ending.abort()
    for (const child of this.#children.filter(isLive)) child.kill('SIGKILL')
  }

  /** Lets all leave: workers first, since their last words need a leader. Kills who is too slow; resolves when all have ended. */
  async end(): Promise<void> {
    const isManager = ({ roles }: ChildNode): boolean => roles.includes('manager')
    await this.#dismiss(this.#children.filter((child) => !isManager(child)))
    this.#ending.abort()
    await this.#dismiss(this.#children.filter(isManager))
    await Promise.all(this.#tellings)
  }

  async #startOne(plan: NodePlan): Promise<ChildNode> {
    const child = await startChildNode(plan)
    this.#children.push(child)
    this.#options.onEvent({ kind: 'node.started', name: child.name, pid: child.pid })
    void child.exited.then((exit) => this.#noteExit(exit))
    return child
  }

  async #dismiss(children: readonly ChildNode[]): Promise<void> {
    const { clock } = this.#options
    for (const child of children) child.leave('graceful_shutdown')
    const overdue = clock.setTimeout(() => {
      for (const child of children.filter(isLive)) child.kill('SIGKILL')
    }, leaveMaxMs)
    await Promise.all(children.map(({ exited }) => exited))
    clock.clearTimeout(overdue)
  }

  #noteExit(exit: NodeExit): void {
    if (this.#killed) return
    this.#options.onEvent({ kind: 'node.exited', exit })
    if (exit.how === 'code 0') return
    const telling = this.#tell(exit)
    this.#tellings.add(telling)
    void telling.finally(() => this.#tellings.delete(telling))
  }

  async #tell(exit: NodeExit): Promise<void> {
    const { signal } = this.#ending
    const manager = await tellExit(exit, { ...this.#options, signal })
    if (manager !== undefined) this.#options.onEvent({ kind: 'exit.told', name: exit.name, manager })
  }
}
