/** What has become of the request of one place. */
export interface RequestRecord {
  /**
   * Nobody asks; somebody has looked whether it may go out, where a plant parts that from sending it; its assignment is
   * proposed; it is in the log, without a word; a word on it is on its way into the log.
   */
  readonly stage: 'none' | 'looked' | 'proposed' | 'out' | 'told'
  readonly generation: number
  /** This term has sent it: of those of an older one no silence is counted. */
  readonly isOurs: boolean
  /** It was asked about. */
  readonly isAsked: boolean
  /** It was let through since there was news of the worker. */
  readonly isFresh: boolean
  /** When it has failed, if at all; `before` also where it was taken: that it fails after all is nothing that must count. */
  readonly failed: 'never' | 'in this row' | 'before'
}

/** A worker, and what rules ask of its history. */
export interface WorkerRecord {
  /** The generation that lives; 0 between two. */
  readonly generation: number
  readonly requests: readonly RequestRecord[]
  /** Requests that failed since the last success: each one, and those only that had not failed before. Three are as many as more. */
  readonly row: number
  readonly newRow: number
  /** Since the last that failed a rest was over, or something was taken. */
  readonly isRested: boolean
  /** The generation has failed nothing. */
  readonly isSpotless: boolean
  /** The place of the request whose late success has ended the rest; -1 for none. */
  readonly opener: number
}

export const noRequest: RequestRecord = {
  ...{ stage: 'none', generation: 0, isOurs: true, isAsked: false, isFresh: false, failed: 'never' },
}

/** A generation begins, of which nothing is known. */
export const born = (requests: readonly RequestRecord[], generation: number): WorkerRecord => ({
  ...{ generation, requests, row: 0, newRow: 0, isRested: false, isSpotless: true, opener: -1 },
})

const most = (count: number, limit: number): number => Math.min(limit, count + 1)

/** The worker when one of its requests has failed, once more or for the first time. */
export function afterFailure(worker: WorkerRecord, place: number, rowMax: number): WorkerRecord {
  const request = worker.requests[place] ?? noRequest
  if (request.generation !== worker.generation) return worker
  const isNew = request.failed === 'never'
  return {
    ...worker,
    requests: worker.requests.with(place, { ...request, failed: 'in this row' }),
    row: request.failed === 'in this row' ? worker.row : most(worker.row, rowMax),
    newRow: isNew ? most(worker.newRow, rowMax) : worker.newRow,
    isRested: isNew ? false : worker.isRested,
    isSpotless: false,
  }
}

/** The worker when one of its requests was taken. */
export function afterSuccess(worker: WorkerRecord, place: number): WorkerRecord {
  if (worker.requests[place]?.generation !== worker.generation) return worker
  const requests = worker.requests.map((request, at) =>
    at === place || request.failed === 'in this row' ? { ...request, failed: 'before' as const } : request,
  )
  return { ...worker, requests, row: 0, newRow: 0, isRested: true }
}
