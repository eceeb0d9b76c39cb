import {
  CoveyError,
  causesOf,
  createSubjects,
  type ErrorReport,
  reportOfError,
  limits as wireLimits,
} from '@covey/protocol'
import type { Clock, Links } from '@covey/transport'
import type { Client, ClusterStatus, Member } from 'covey'
import { Subscription } from 'rxjs'
import { ClusterTap } from './cluster-tap.js'
import { DeadLetters } from './dead-letters.js'
import type { InspectorLimits } from './inspector-limits.js'
import { LiveActors } from './live-actors.js'
import type { NodeAnswers } from './node-answers.js'
import type { NodeCounters } from './page-protocol.js'
import { Timeline } from './timeline.js'

/** What an inspector stands on. */
export interface InspectedCluster {
  readonly client: Client
  readonly links: Links
  readonly clock: Clock
  /** The wall clock in milliseconds, for people to read. */
  readonly wallNow: () => number
}

/** An error as a page is told of it; one that is not ours as what could not be done now. */
export function reportOf(error: unknown): ErrorReport {
  if (error instanceof CoveyError) return reportOfError(error, wireLimits.errorTextMax)
  const [cause] = causesOf(error)
  return { code: 'unavailable', message: cause?.message ?? String(error).slice(0, wireLimits.errorTextMax) }
}

/** The cluster as it is followed while a page is open: its actors, their transitions, its status, its counters, its dead letters. */
export class ClusterWatch {
  readonly actors: LiveActors
  readonly timeline: Timeline
  readonly letters: DeadLetters
  readonly #cluster: InspectedCluster
  readonly #nodes: NodeAnswers
  readonly #limits: InspectorLimits
  #members: readonly Member[] = []
  #status: ClusterStatus | null = null
  #error: ErrorReport | null = null
  #counters: readonly NodeCounters[] = []
  #tap: ClusterTap | undefined
  #streams = new Subscription()
  readonly #timers = new Map<string, unknown>()
  #isOn = false
  /** When it was stopped by the wall clock; `undefined` before it has ever watched. */
  #unwatchedSinceMs: number | undefined
  /** Counts starts and stops. */
  #round = 0

  constructor(cluster: InspectedCluster, nodes: NodeAnswers, limits: InspectorLimits) {
    this.#cluster = cluster
    this.#nodes = nodes
    this.#limits = limits
    this.actors = new LiveActors(limits)
    this.timeline = new Timeline(limits)
    this.letters = new DeadLetters(nodes)
  }

  get members(): readonly Member[] {
    return this.#members
  }

  /** The last word of the leader, and why there is none. */
  get status(): { readonly status: ClusterStatus | null; readonly error: ErrorReport | null } {
    return { status: this.#status, error: this.#error }
  }

  get counters(): readonly NodeCounters[] {
    return this.#counters
  }

  /** Begins to follow the cluster; twice is once. */
  start(): void {
    if (this.#isOn) return
    this.#isOn = true
    this.#round += 1
    if (this.#unwatchedSinceMs !== undefined)
      this.timeline.addGap(this.#unwatchedSinceMs, this.#cluster.wallNow())
    this.#follow()
    void this.#poll('status', this.#limits.statusIntervalMs, () => this.#look())
    void this.#poll('counters', this.#limits.countersIntervalMs, () => this.#count())
  }

  /** Asks nobody for anything any more. */
  stop(): void {
    if (this.#isOn) this.#unwatchedSinceMs = this.#cluster.wallNow()
    this.#isOn = false
    this.#round += 1
    this.#streams.unsubscribe()
    for (const timer of this.#timers.values()) this.#cluster.clock.clearTimeout(timer)
    this.#timers.clear()
  }

  #follow(): void {
    const { client, links, clock, wallNow } = this.#cluster
    const { actors, timeline } = this
    actors.clear()
    const streams = new Subscription()
    this.#streams = streams
    const again = (error: unknown): void => {
      this.#error = reportOf(error)
      streams.unsubscribe()
      this.#after('streams', this.#limits.streamRetryMs, () => this.#follow())
    }
    const subjects = createSubjects(client.cluster)
    this.#tap = new ClusterTap({ bus: links.data, subjects, clock, wallNow, actors, timeline })
    const tap = this.#tap
    streams.add(() => tap.stop())
    const membership = client.members$.subscribe({
      next: (list) => {
        this.#members = list
        actors.takeMembers(list)
        tap.takeMembers(list)
      },
      error: again,
    })
    streams.add(membership)
  }

  async #look(): Promise<void> {
    try {
      this.#status = await this.#cluster.client.status({ deadlineMs: this.#limits.answerDeadlineMs })
      this.#error = null
    } catch (error) {
      // What was true a moment ago is shown on, beside the reason why it is not newer.
      this.#error = reportOf(error)
    }
  }

  async #count(): Promise<void> {
    const living = this.#members.filter(({ state }) => state === 'active' || state === 'leaving')
    const counted: NodeCounters[] = []
    const rest = living.values()
    const ask = async (): Promise<void> => {
      for (const { nodeId: node, generation } of rest) {
        const answer = await this.#nodes.ask(node, generation, { type: 'counters' })
        if (answer?.type !== 'counters') continue
        const tapFramesRefused = this.#tap?.refusedOf(node) ?? 0
        const counters: NodeCounters = {
          ...{ node, generation, counters: { ...answer.counters, tapFramesRefused } },
        }
        counted.push(counters)
        await this.letters.take(counters)
      }
    }
    await Promise.all(Array.from({ length: this.#limits.nodesAskedAtOnceMax }, ask))
    this.letters.keep(counted)
    this.#counters = counted.sort((one, other) => one.node.localeCompare(other.node))
  }

  /** Looks again and again, until the watch is stopped: a look of one that was stopped and begun again is the last. */
  async #poll(name: string, intervalMs: number, look: () => Promise<void>): Promise<void> {
    const round = this.#round
    await look()
    if (round === this.#round) this.#after(name, intervalMs, () => void this.#poll(name, intervalMs, look))
  }

  #after(name: string, delayMs: number, act: () => void): void {
    this.#timers.set(name, this.#cluster.clock.setTimeout(act, delayMs))
  }
}
