import type { SimulatedWorld } from '../simulated-world.js'
import { jobOf } from './job-of.js'
import { type PutBack, ReadLog } from './read-log.js'
import type { Witness } from './witnesses.js'

/** The logs of all shards. */
export class ReadLogs {
  /** By the number of the shard. */
  readonly all: readonly ReadLog[]
  readonly #first: ReadLog

  constructor(
    { broker, subjects, shards }: Pick<SimulatedWorld, 'broker' | 'subjects' | 'shards'>,
    onLoss: (putBack: PutBack) => readonly Witness[],
  ) {
    const read = (shard: number): ReadLog => new ReadLog(broker, subjects, shard, onLoss)
    this.#first = read(0)
    this.all = [this.#first, ...Array.from({ length: shards - 1 }, (_, index) => read(index + 1))]
  }

  /**
   * The log in which a workflow or job was offered, whoever has decided that it belongs there; the first where it is in
   * none. Where the log has lost it, it is still the one that had it.
   */
  of(id: string): ReadLog {
    const job = jobOf(id)
    return this.all.find(({ offered, lost }) => offered.has(job) || lost.has(job)) ?? this.#first
  }
}
