import { type Answer, type CoveyError, shardOf } from '@covey/protocol'
import { deniedError, type Stop } from '@covey/transport'
import type { CommandQueue } from './command-queue.js'
import { KnownShards, type KnownShardsOptions } from './known-shards.js'
import type { TimeLeft } from './time-left.js'
import type { Question } from './waiting-command.js'

/** What the queues of a client stand on. */
export interface ShardQueuesOptions extends KnownShardsOptions {
  /** How many shards the cluster has; `undefined` where it is to be asked. */
  readonly shards: number | undefined
  /** Makes the queue of a shard. */
  readonly open: (shard: number) => CommandQueue
}

/** One queue of commands for each shard, from the moment on at which it is known how many there are. */
export class ShardQueues {
  readonly #options: ShardQueuesOptions
  readonly #known: KnownShards | undefined
  readonly #stopHearing: Stop
  #queues: readonly CommandQueue[] = []

  constructor(options: ShardQueuesOptions) {
    this.#options = options
    this.#stopHearing = options.links.control.onNews((news) => {
      if (news.kind === 'denied') this.#denied(news.subject)
    })
    if (options.shards === undefined) this.#known = new KnownShards(options)
    else this.#openAll(options.shards)
  }

  /**
   * Asks whoever leads the shard of a job; `bytes` is what the question takes in a frame, at most. Rejects as a queue does,
   * also where it is not known in time which shard that is; `permission_denied` where the broker denies its subject.
   */
  ask(job: string, question: Question, within: TimeLeft, bytes?: number): Promise<Answer> {
    // Said at once where it can be, so that what is asked in one turn goes in one frame.
    const queue = this.#queues[this.placeNow(job) ?? -1]
    if (queue !== undefined) return queue.ask(question, within(), bytes)
    return this.all(within()).then(() => this.ask(job, question, within, bytes))
  }

  /** The shard of a job; `undefined` where it is not known yet. */
  placeNow(job: string): number | undefined {
    return this.#queues.length === 0 ? undefined : shardOf(job, this.#queues.length)
  }

  /** The shard of a job, however long it takes to know it. */
  async place(job: string): Promise<number> {
    return shardOf(job, (await this.all(Number.POSITIVE_INFINITY)).length)
  }

  /** The queues of all shards, by their number, where it is known how many there are: what is asked at once goes in one frame. */
  get opened(): readonly CommandQueue[] | undefined {
    return this.#queues.length === 0 ? undefined : this.#queues
  }

  /** The queues of all shards, by their number. */
  async all(deadlineMs: number): Promise<readonly CommandQueue[]> {
    if (this.#queues.length === 0 && this.#known) this.#openAll(await this.#known.known(deadlineMs))
    return this.#queues
  }

  /** Rejects everything that waits with the given error, and every later question too. */
  close(error: CoveyError): void {
    this.#stopHearing()
    this.#known?.close(error)
    for (const queue of this.#queues) queue.close(error)
  }

  /** The broker lets this client not speak there: to wait until a deadline would be vain. */
  #denied(subject: string): void {
    const shard = this.#queues.findIndex((_, number) => this.#options.subjects.command(number) === subject)
    this.#queues[shard]?.reject(deniedError('publish', subject))
  }

  #openAll(shards: number): void {
    if (this.#queues.length > 0) return
    this.#queues = Array.from({ length: shards }, (_, shard) => this.#options.open(shard))
  }
}
