import type { Subjects } from '@covey/protocol'
import type { MemoryBroker } from '@covey/transport'
import { ReadLog } from './read-log.js'

const jobOf = (id: string): string => id.slice(0, id.includes('/') ? id.indexOf('/') : id.length)

/** The logs of all shards. */
export class ReadLogs {
  /** By the number of the shard. */
  readonly all: readonly ReadLog[]
  readonly #first: ReadLog

  constructor(broker: MemoryBroker, subjects: Subjects, shards: number) {
    this.#first = new ReadLog(broker, subjects, 0)
    const others = Array.from({ length: shards - 1 }, (_, index) => new ReadLog(broker, subjects, index + 1))
    this.all = [this.#first, ...others]
  }

  /**
   * The log in which a workflow or job was offered, whoever has decided that it belongs there; the first where it is in
   * none.
   */
  of(id: string): ReadLog {
    const job = jobOf(id)
    return this.all.find(({ offered }) => offered.has(job)) ?? this.#first
  }
}
