import type { Notice } from '@covey/actors'
import {
  compareTokens,
  isWorkflowId,
  jobId,
  limits,
  type ProgressMessage,
  progressMessage,
  type Subjects,
  splitWorkflowId,
  unpackValue,
} from '@covey/protocol'
import type { Bus } from '@covey/transport'
import { defer, from, Observable, switchMap } from 'rxjs'
import type { Progress } from './client-contract.js'
import type { ShardQueues } from './shard-queues.js'

/** What the functions of a job, or one of them, report of their progress. Throws `invalid_id`. */
export function progressStream(
  { bus, subjects, shards, notice }: ProgressOptions,
  id: string,
): Observable<Progress> {
  const [job, pattern] = isWorkflowId(id) ? [splitWorkflowId(id).job, id] : [jobId(id), `${id}/*`]
  const ofShard = (shard: number) => reported({ bus, subjects, notice }, subjects.progress(shard, pattern))
  return defer(() => {
    const shard = shards.placeNow(job)
    return shard === undefined ? from(shards.place(job)).pipe(switchMap(ofShard)) : ofShard(shard)
  })
}

function reported({ bus, notice }: Omit<ProgressOptions, 'shards'>, wanted: string): Observable<Progress> {
  return new Observable((subscriber) => {
    const told = new Told()
    return bus.subscribe(wanted, ({ subject, data }) => {
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
  readonly shards: Pick<ShardQueues, 'place' | 'placeNow'>
  readonly notice: (notice: Notice) => void
}
