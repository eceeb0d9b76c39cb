import { CoveyError } from '@covey/protocol'
import type { Random } from '@covey/transport'
import { type NodeExit, type NodePlan, startChildNode } from './child-node.js'
import type { LaunchEvent, LaunchedNode } from './launch-options.js'
import { SupervisedChild } from './supervised-child.js'
import { type ExitTelling, tellExit } from './tell-exit.js'

/** What a crew stands on. */
export interface CrewOptions extends Omit<ExitTelling, 'signal'> {
  readonly random: Random
  readonly onEvent: (event: LaunchEvent) => void
}

/**
 * The nodes that one launcher has started, each supervised. An exit is told to a manager unless the node has left by
 * itself, which its own fact then says.
 */
export class Crew {
  readonly #options: CrewOptions
  readonly #ending = new AbortController()
  readonly #tellings = new Set<Promise<void>>()
  #children: readonly SupervisedChild[] = []
  #killed = false

  constructor(options: CrewOptions) {
    this.#options = options
  }

  /** Those that live now. */
  get live(): readonly LaunchedNode[] {
    return this.#children.flatMap(({ live }) => live ?? [])
  }

  /** The newest end of each that has ended. */
  get exits(): readonly NodeExit[] {
    return this.#children.flatMap(({ exit }) => exit ?? [])
  }

  /** Starts all of them and resolves when each takes part. Rejects with the first one's error. */
  async start(plans: readonly NodePlan[]): Promise<void> {
    const { clock, random, onEvent } = this.#options
    const onExit = (exit: NodeExit): void => this.#noteExit(exit)
    const supervision = { clock, random, startChild: startChildNode, onExit, onEvent }
    this.#children = plans.map((plan) => new SupervisedChild(plan, supervision))
    await Promise.all(this.#children.map((child) => child.start()))
  }

  /** Sends a signal. Throws `not_found` where no such node lives. */
  kill(name: string, signal: NodeJS.Signals): void {
    const child = this.#children.find(({ live }) => live?.name === name)
    if (child?.kill(signal) !== true)
      throw new CoveyError('not_found', `no node ${name} lives here`, { address: name })
  }

  /** Ends all without a goodbye: what that means needs to be said to nobody. */
  killAll(): void {
    this.#killed = true
    this.#ending.abort()
    for (const child of this.#children) child.fell()
  }

  /** Lets all leave: workers first, since their last words need a leader. Resolves when all have ended. */
  async end(): Promise<void> {
    await this.#dismiss(this.#children.filter(({ isManager }) => !isManager))
    this.#ending.abort()
    await this.#dismiss(this.#children.filter(({ isManager }) => isManager))
    await Promise.all(this.#tellings)
  }

  async #dismiss(children: readonly SupervisedChild[]): Promise<void> {
    await Promise.all(children.map((child) => child.dismiss()))
  }

  #noteExit(exit: NodeExit): void {
    if (this.#killed) return
    this.#options.onEvent({ kind: 'node.exited', exit })
    if (exit.left) return
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
