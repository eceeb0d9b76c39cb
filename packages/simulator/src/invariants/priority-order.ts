import type { ExpectedWorkflow } from '../jobs/expected-workflows.js'
import type { LoggedTurn } from '../jobs/read-turns.js'
import { unread } from '../jobs/unread.js'
import type { DefineJobInvariant, JobScene } from './invariant.js'

/** What a level of priority is worth in waiting. */
const levelMs = 5 * 60_000

interface Waiting {
  readonly workflow: string
  readonly priority: number
  readonly sequence: number
}

/** All that may run at the same workers, and at the same time: those of one work, the same labels and one key. */
const placeOf = ({ work, requires, key = '' }: ExpectedWorkflow): string =>
  `${work} ${key} ${requires.join(',')}`

/** Follows who waits in one log. */
class Queue {
  readonly #jobs: JobScene['jobs']
  readonly #waiting = new Map<string, Map<string, Waiting>>()
  readonly #offeredMs = new Map<string, number>()

  constructor(jobs: JobScene['jobs']) {
    this.#jobs = jobs
  }

  read(turn: LoggedTurn): readonly string[] {
    if (turn.kind === 'given') return this.#give(turn)
    if (turn.kind === 'stopped') this.#stop(turn.id)
    else this.#offer(turn)
    return []
  }

  #offer({ job, sequence, timeMs }: Extract<LoggedTurn, { kind: 'offered' }>): void {
    if (this.#offeredMs.has(job)) return
    this.#offeredMs.set(job, timeMs)
    for (const workflow of this.#jobs.workflowsOf(job)) {
      const expected = this.#jobs.expected.get(workflow)
      if (expected?.isFirst !== true) continue
      const { priority } = expected
      this.#at(expected).set(workflow, { workflow, priority, sequence })
    }
  }

  #stop(id: string): void {
    for (const workflow of id.includes('/') ? [id] : this.#jobs.workflowsOf(id)) this.#leave(workflow)
  }

  #give({ workflow, knownTo, timeMs }: Extract<LoggedTurn, { kind: 'given' }>): readonly string[] {
    const expected = this.#jobs.expected.get(workflow)
    this.#leave(workflow)
    const waitedMs = timeMs - (this.#offeredMs.get(expected?.job ?? '') ?? timeMs)
    if (expected === undefined || this.#isReopened(workflow)) return []
    return [...this.#at(expected).values()]
      .filter(({ sequence }) => sequence < knownTo)
      .filter(({ priority }) => waitedMs < (priority - expected.priority) * levelMs)
      .filter((before) => !this.#isReopened(before.workflow))
      .map(
        (before) =>
          `${workflow} of priority ${expected.priority} is given out, and ${before.workflow} of priority ${before.priority} waits for the same`,
      )
  }

  #leave(workflow: string): void {
    const expected = this.#jobs.expected.get(workflow)
    if (expected !== undefined) this.#at(expected).delete(workflow)
  }

  /** Of what a log has lost and has again, it is not known here since when it waits. */
  #isReopened(workflow: string): boolean {
    return this.#jobs.reopened.has(this.#jobs.expected.get(workflow)?.job ?? '')
  }

  #at(expected: ExpectedWorkflow): Map<string, Waiting> {
    const place = placeOf(expected)
    const waiting = this.#waiting.get(place) ?? new Map<string, Waiting>()
    this.#waiting.set(place, waiting)
    return waiting
  }
}

/**
 * The log gives nothing out while something of higher priority waits for the same (one work, the same labels and key) at
 * the same shard, unless it waits so long that its age may count for more: five minutes a level, the other's none. What
 * waits is what could run since it was submitted and has been given to nobody: a worker may have refused what came
 * back. Only what its leader had folded when it gave the other out can have gone before.
 */
export const priorityOrder: DefineJobInvariant = ({ jobs }) => {
  const queues = jobs.logs.all.map(({ turns }) => ({ fresh: unread(turns.all), queue: new Queue(jobs) }))
  return {
    name: 'priority-order',
    look: () => queues.flatMap(({ fresh, queue }) => fresh().flatMap((turn) => queue.read(turn))),
  }
}
