import { type ErrorCode, limits, singleServerTimings } from '@covey/protocol'
import type { Clock, Random } from '@covey/transport'
import type { ChildNode, NodeExit, NodePlan } from './child-node.js'
import type { LaunchEvent, LaunchedNode } from './launch-options.js'
import { countedEnds, restartDelayMs } from './restart-policy.js'

/** What the supervision of a child works with. */
export interface Supervision {
  readonly clock: Clock
  readonly random: Random
  readonly startChild: (plan: NodePlan) => Promise<ChildNode>
  /** Told of every end, also of those that were wanted. */
  readonly onExit: (exit: NodeExit) => void
  readonly onEvent: (event: LaunchEvent) => void
}

/** A child that has not ended this long after its own deadline to leave is killed. */
const leaveMaxMs = singleServerTimings.leaveDeadlineMs + limits.processEndMsMax

/** Who ended for one of these would take its name from another process, or be put out again (K15). */
const finalCodes: ReadonlySet<ErrorCode> = new Set(['superseded', 'evicted', 'name_in_use'])

/**
 * One node of a launched cluster, over all processes that it runs in: one that ends unasked is started again, as a new
 * generation, after a wait that grows; one that keeps ending stays down. A node that has not yet taken part when it
 * ends is not started again: its first start has failed.
 */
export class SupervisedChild {
  readonly #plan: NodePlan
  readonly #supervision: Supervision
  #child: ChildNode | undefined
  #exit: NodeExit | undefined
  #beginning: Promise<ChildNode> | undefined
  #hasTakenPart = false
  #takesPart = false
  #isOver = false
  #endedAtMs: number[] = []
  #waiting: unknown

  constructor(plan: NodePlan, supervision: Supervision) {
    this.#plan = plan
    this.#supervision = supervision
  }

  get isManager(): boolean {
    return this.#plan.roles.includes('manager')
  }

  /** The process that it runs in now, if it does. */
  get live(): LaunchedNode | undefined {
    if (this.#child?.isLive !== true) return undefined
    const { name, pid, roles, metricsUrl = null } = this.#child
    return { name, pid, roles, metricsUrl }
  }

  /** How it ended the last time. */
  get exit(): NodeExit | undefined {
    return this.#exit
  }

  /** Starts it and resolves when it takes part; rejects with its own error. */
  async start(): Promise<void> {
    await (await this.#begin()).active
    this.#hasTakenPart = true
    this.#takesPart = true
  }

  /** Sends a signal; false where it does not live. */
  kill(signal: NodeJS.Signals): boolean {
    if (this.#child?.isLive !== true) return false
    this.#child.kill(signal)
    return true
  }

  /** Ends it at once, and for good. */
  fell(): void {
    this.#rest()
    this.kill('SIGKILL')
  }

  /** Lets it leave, for good, and kills it where it is too slow. Resolves when it has ended. */
  async dismiss(): Promise<void> {
    this.#rest()
    // Whether a process could be made is known soon; one that could not be needs no end.
    await this.#beginning?.catch(() => undefined)
    const child = this.#child
    if (child === undefined) return
    const { clock } = this.#supervision
    // Nothing was asked yet of one that does not take part: it needs no goodbye.
    if (this.#takesPart) child.leave('graceful_shutdown')
    else this.kill('SIGKILL')
    const overdue = clock.setTimeout(() => this.kill('SIGKILL'), leaveMaxMs)
    await child.exited
    clock.clearTimeout(overdue)
  }

  #rest(): void {
    this.#isOver = true
    this.#supervision.clock.clearTimeout(this.#waiting)
  }

  #begin(): Promise<ChildNode> {
    this.#beginning = this.#supervision.startChild(this.#plan).then((child) => {
      this.#child = child
      if (this.#isOver) child.kill('SIGKILL')
      else this.#supervision.onEvent({ kind: 'node.started', name: child.name, pid: child.pid })
      void child.exited.then((exit) => this.#noteExit(exit))
      return child
    })
    return this.#beginning
  }

  #noteExit(exit: NodeExit): void {
    this.#exit = exit
    this.#takesPart = false
    this.#supervision.onExit(exit)
    if (this.#isOver || !this.#hasTakenPart || exit.wanted || exit.left) return
    if (exit.error !== undefined && finalCodes.has(exit.error.code)) this.#stayDown(exit.error.message)
    else this.#startLater()
  }

  #startLater(): void {
    const { clock, random, onEvent } = this.#supervision
    const nowMs = clock.now()
    this.#endedAtMs = countedEnds([...this.#endedAtMs, nowMs], nowMs)
    const ends = this.#endedAtMs.length
    const delayMs = restartDelayMs(ends, random.next())
    if (delayMs === undefined) {
      this.#stayDown(`it has ended ${ends} times within ${limits.childRestartWindowMs / 1_000} s`)
      return
    }
    onEvent({ kind: 'node.restarting', name: this.#plan.name, delayMs })
    this.#waiting = clock.setTimeout(() => void this.#startAgain(), delayMs)
  }

  async #startAgain(): Promise<void> {
    const begun = await this.#begin().catch(() => undefined)
    // No process could be made: that counts as an end of one.
    if (begun === undefined) {
      if (!this.#isOver) this.#startLater()
      return
    }
    // One that ends before it takes part is told by its exit.
    const isActive = await begun.active.then(
      () => true,
      () => false,
    )
    if (!isActive || this.#isOver) return
    this.#takesPart = true
    this.#supervision.onEvent({ kind: 'node.restarted', name: begun.name, pid: begun.pid })
  }

  #stayDown(why: string): void {
    const { name, logFolder } = this.#plan
    this.#supervision.onEvent({ kind: 'node.abandoned', name, why, logFolder })
  }
}
