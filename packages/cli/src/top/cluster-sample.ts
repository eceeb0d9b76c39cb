import {
  CoveyError,
  createSubjects,
  type ErrorReport,
  inspectMessage,
  limits,
  reportOfError,
} from '@covey/protocol'
import { type Clock, systemWallClock } from '@covey/transport'
import type { ClusterStatus, NodeView } from 'covey'
import type { Session } from '../session.js'

/** A node, and how long it takes to answer. */
export interface NodeSample
  extends Pick<NodeView, 'id' | 'generation' | 'state' | 'roles' | 'slots' | 'busy'> {
  /**
   * Milliseconds from a question to its answer, the lag of the node's event loop included; `null` where it did not answer
   * in time.
   */
  readonly answerMs: number | null
}

/** A cluster at one moment. Rates are `null` in the first sample, and until a leader answers again. */
export interface ClusterSample extends Pick<ClusterStatus, 'cluster' | 'shards' | 'jobs'> {
  readonly time: number
  readonly nodes: readonly NodeSample[]
  readonly slots: NodeView['slots']
  /** Events that wait for the log. */
  readonly backlog: number
  readonly jobsPerSecond: number | null
  readonly eventsPerSecond: number | null
}

/** A moment at which no leader answered. */
export interface MissedSample {
  readonly time: number
  readonly cluster: string
  readonly error: ErrorReport
}

/** Shorter than the time between two samples, so that one that hangs is seen as that and delays no other. */
const answerDeadlineMs = 900
const statusDeadlineMs = 5_000

async function answerMsOf({ client, links }: Session, node: NodeView, clock: Clock): Promise<number | null> {
  const subject = createSubjects(client.cluster).channel(node.id, node.generation, 'inspect')
  const askedAtMs = clock.now()
  const { kind } = await links.data.request(
    subject,
    inspectMessage.encode({ type: 'counters' }),
    answerDeadlineMs,
  )
  return kind === 'reply' ? Math.round((clock.now() - askedAtMs) * 10) / 10 : null
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0)

interface Totals {
  readonly atMs: number
  readonly ended: number
  readonly events: number
}

const totalsOf = ({ jobs, shards }: ClusterStatus, atMs: number): Totals => ({
  atMs,
  ended: jobs.completed + jobs.failed + jobs.cancelled,
  events: sumOf(shards.map(({ sequence }) => sequence)),
})

/** How many a second; jobs that are forgotten after a while are no negative work. */
function rateOf(before: number, after: number, elapsedMs: number): number | null {
  return elapsedMs <= 0 ? null : Math.round((Math.max(0, after - before) * 10_000) / elapsedMs) / 10
}

/** Looks at a cluster again and again. */
export class Sampler {
  readonly #session: Session
  readonly #clock: Clock
  #before: Totals | undefined

  constructor(session: Session, clock: Clock) {
    this.#session = session
    this.#clock = clock
  }

  /** The cluster as it is now. Rejects with what no waiting mends; a change of leader is a missed sample. */
  async next(): Promise<ClusterSample | MissedSample> {
    const { client } = this.#session
    try {
      return await this.#sample(await client.status({ deadlineMs: statusDeadlineMs }))
    } catch (error) {
      if (!(error instanceof CoveyError && error.retryable)) throw error
      this.#before = undefined
      const report = reportOfError(error, limits.errorTextMax)
      return { time: Math.round(systemWallClock()), cluster: client.cluster, error: report }
    }
  }

  async #sample(status: ClusterStatus): Promise<ClusterSample> {
    const totals = totalsOf(status, this.#clock.now())
    const before = this.#before
    this.#before = totals
    const rate = (of: 'ended' | 'events'): number | null =>
      before === undefined ? null : rateOf(before[of], totals[of], totals.atMs - before.atMs)
    const nodes = await this.#nodes(status)
    const { cluster, shards, jobs } = status
    return {
      ...{ time: Math.round(systemWallClock()), cluster, nodes, shards, jobs },
      slots: {
        total: sumOf(nodes.map(({ slots }) => slots.total)),
        used: sumOf(nodes.map(({ slots }) => slots.used)),
      },
      backlog: sumOf(shards.map(({ backlog }) => backlog)),
      ...{ jobsPerSecond: rate('ended'), eventsPerSecond: rate('events') },
    }
  }

  /** All of them at once: each tells of itself only. */
  #nodes({ nodes }: ClusterStatus): Promise<readonly NodeSample[]> {
    const living = nodes.filter(({ state }) => state !== 'departed')
    return Promise.all(
      living.map(async (node) => {
        const { id, generation, state, roles, slots, busy = false } = node
        const answerMs = await answerMsOf(this.#session, node, this.#clock)
        return { id, generation, state, roles, slots, ...(busy && { busy }), answerMs }
      }),
    )
  }
}
