import { Interned } from '../interned.js'
import type { RequestRecord, WorkerRecord } from './worker-record.js'

/** Numbers for what there is of a worker: its requests are few, and have numbers of their own. */
export class WorkerRecords {
  readonly #requests = new Interned<RequestRecord>()
  readonly #workers: WorkerRecord[] = []
  readonly #ids = new Map<string, number>()

  id(worker: WorkerRecord): number {
    const { generation, row, newRow, isRested, isSpotless, opener } = worker
    const requests = worker.requests.map((request) => this.#requests.id(request))
    const key = [generation, row, newRow, isRested, isSpotless, opener, ...requests].join()
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    this.#ids.set(key, this.#workers.length)
    return this.#workers.push(worker) - 1
  }

  at(id: number): WorkerRecord {
    const found = this.#workers[id]
    if (found === undefined) throw new Error(`no worker has the number ${id}`)
    return found
  }
}
