import { type Notice, readResult } from '@covey/actors'
import { type CoveyError, limits, type StoredResult, type Subjects, splitWorkflowId } from '@covey/protocol'
import type { Clock, Links } from '@covey/transport'
import { clientTimings } from './client-timings.js'
import type { ShardQueues } from './shard-queues.js'

/** What large results are read with. */
export interface LargeResultsOptions {
  readonly links: Pick<Links, 'objects'>
  readonly subjects: Subjects
  readonly shards: Pick<ShardQueues, 'place'>
  readonly clock: Clock
  readonly notice: (notice: Notice) => void
}

/** Reads results that are in the object store, a few at once: each is in memory as a whole (K36). */
export class LargeResults {
  readonly #options: LargeResultsOptions
  readonly #closed = new AbortController()
  readonly #waiting: (() => void)[] = []
  #reading = 0

  constructor(options: LargeResultsOptions) {
    this.#options = options
  }

  /** The packed bytes. Rejects `result_lost`, and `closed` with the client. */
  async read(workflow: string, named: StoredResult): Promise<Uint8Array> {
    if (this.#reading < limits.resultsReadAtOnceMax) this.#reading += 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await this.#read(workflow, named)
    } finally {
      // Who waits takes this place over.
      const next = this.#waiting.shift()
      if (next === undefined) this.#reading -= 1
      else next()
    }
  }

  /** Ends what is being read. */
  close(error: CoveyError): void {
    this.#closed.abort(error)
  }

  async #read(workflow: string, named: StoredResult): Promise<Uint8Array> {
    const { links, subjects, shards, clock, notice } = this.#options
    const onWaiting = (reason: string): void =>
      notice({ kind: 'store.waiting', what: `the result of ${workflow}`, reason })
    const { signal } = this.#closed
    const retryMs = clientTimings.objectRetryMs
    const ground = { objects: links.objects, subjects, clock, retryMs, signal, onWaiting }
    const { job } = splitWorkflowId(workflow)
    return readResult(ground, await shards.place(job), workflow, named)
  }
}
