import type { Notice } from '@covey/actors'
import {
  isWorkflowId,
  jobId,
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
  return new Observable((subscriber) =>
    bus.subscribe(subjects.progress(shardOf(job, shards), pattern), ({ subject, data }) => {
      try {
        const report = progressMessage.decode(data)
        subscriber.next({ ...report, value: unpackValue(report.value) })
      } catch (error) {
        notice({ kind: 'frame.refused', subject, error })
      }
    }),
  )
}

/** What progress stands on. */
export interface ProgressOptions {
  readonly bus: Bus
  readonly subjects: Subjects
  readonly shards: number
  readonly notice: (notice: Notice) => void
}
