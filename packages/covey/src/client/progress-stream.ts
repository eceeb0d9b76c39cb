import type { Notice } from '@covey/actors'
import {
  compareTokens,
  isWorkflowId,
  jobId,
  limits,
  type ProgressMessage,
  progressMessage,
  type Subjects,
  shardOf,
  splitWorkflowId,
  unpackValue,
} from '@covey/protocol'
import type { Bus } from '@covey/transport'
import { Observable } from 'rxjs'
import type { Progress } from './client-contract.js'

/** What the functions of a job, or one of them, report of their progress. Throws `invalid_id`. */
export function progressStream(
  { bus, subjects, shards, notice }: ProgressOptions,
  id: string,
): Observable<Progress> {
  const [job, pattern] = isWorkflowId(id) ? [splitWorkflowId(id).job, id] : [jobId(id), `${id}/*`]
  return new Observable((subscriber) => {
    const told = new Told()
    return bus.subscribe(subjects.progress(shardOf(job, shards), pattern), ({ subject, data }) => {
      try {
        const report = progressMessage.decode(data)
        if (told.isNews(report)) subscriber.next({ ...report, value: unpackValue(report.value) })
      } catch (error) {
        notice({ kind: 'frame.refused', subject, error })
      }
    })
  })
}

/** What has been told of each workflow: nothing older is told after it, nor the same again. */
class Told {
  readonly #newest = new Map<string, Pick<ProgressMessage, 'token' | 'number'>>()

  isNews({ workflow, token, number }: ProgressMessage): boolean {
    const last = this.#newest.get(workflow)
    const newer = last === undefined ? 1 : compareTokens(token, last.token) || number - last.number
    if (newer <= 0) return false
    this.#newest.delete(workflow)
    this.#newest.set(workflow, { token, number })
    if (this.#newest.size > limits.progressWorkflowsMax) {
      const [oldest = ''] = this.#newest.keys()
      this.#newest.delete(oldest)
    }
    return true
  }
}

/** What progress stands on. */
export interface ProgressOptions {
  readonly bus: Bus
  readonly subjects: Subjects
  readonly shards: number
  readonly notice: (notice: Notice) => void
}
