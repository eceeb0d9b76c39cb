import { limits as wireLimits } from '@covey/protocol'
import type { Clock } from '@covey/transport'
import type { Client } from 'covey'
import type { Subscription } from 'rxjs'
import type { InspectorLimits } from './inspector-limits.js'

interface Followed {
  readonly subscription: Subscription
  /** The newest value of each workflow, by its id. */
  readonly values: Map<string, unknown>
  timer: unknown
}

/** The progress of jobs that somebody looks at: followed from the first question to a while after the last. */
export class JobProgress {
  readonly #client: Client
  readonly #clock: Clock
  readonly #limits: InspectorLimits
  readonly #jobs = new Map<string, Followed>()

  constructor(client: Client, clock: Clock, limits: InspectorLimits) {
    this.#client = client
    this.#clock = clock
    this.#limits = limits
  }

  /** The newest value that each workflow of a job has reported since it is looked at. */
  of(job: string): ReadonlyMap<string, unknown> {
    const followed = this.#jobs.get(job) ?? this.#follow(job)
    this.#clock.clearTimeout(followed.timer)
    followed.timer = this.#clock.setTimeout(() => this.#leave(job), this.#limits.progressKeptMs)
    return followed.values
  }

  close(): void {
    for (const job of [...this.#jobs.keys()]) this.#leave(job)
  }

  #follow(job: string): Followed {
    const { progressJobsMax, progressWorkflowsMax } = this.#limits
    const [oldest] = this.#jobs.keys()
    if (this.#jobs.size >= progressJobsMax && oldest !== undefined) this.#leave(oldest)
    const values = new Map<string, unknown>()
    const subscription = this.#client.progress(job).subscribe(({ workflow, value }) => {
      if (values.size >= progressWorkflowsMax && !values.has(workflow)) return
      values.set(workflow, shownProgress(value))
    })
    const followed = { subscription, values, timer: undefined }
    this.#jobs.set(job, followed)
    return followed
  }

  #leave(job: string): void {
    const followed = this.#jobs.get(job)
    followed?.subscription.unsubscribe()
    this.#clock.clearTimeout(followed?.timer)
    this.#jobs.delete(job)
  }
}

/** A function may report anything: what is long, or no JSON, is told by its size. */
function shownProgress(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value
  const json = JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'bigint' ? String(inner) : inner,
  )
  if (json === undefined) return null
  return json.length <= wireLimits.inspectTextMax
    ? (JSON.parse(json) as unknown)
    : `… ${json.length} characters`
}
