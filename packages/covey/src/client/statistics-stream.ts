import type { StatisticsWindow } from '@covey/actors'
import { type AnswerOf, jobId, statisticsMessage } from '@covey/protocol'
import type { BusMessage, Stop } from '@covey/transport'
import { defer, from, Observable, type Subscriber, type Subscription, switchMap } from 'rxjs'
import { clientTimings } from './client-timings.js'
import { isEndOfJob } from './followed-job.js'
import { JobStatistics, readPages } from './job-statistics.js'
import type { ShardQueues } from './shard-queues.js'
import { type StatisticsAsksOptions, statisticsAsks } from './statistics-asks.js'

/** What a stream of statistics stands on. */
export interface StatisticsOptions extends StatisticsAsksOptions {
  readonly shards: Pick<ShardQueues, 'place'>
  /** One page of what has ended of a job; as patient as a stream has to be. */
  readonly page: (job: string, after: number) => Promise<AnswerOf<'statistics'>>
  /** Emits when a job has ended. */
  readonly ending: (job: string) => Observable<void>
}

/**
 * What the workflows of a job have counted, by window, until the job has ended: first all that is known, then all again
 * after each change. Running attempts send what they have, and once more for who comes late; what has ended is asked for
 * once a second, and when the job ends. Throws `invalid_id`.
 */
export function statisticsStream(
  options: StatisticsOptions,
  given: string,
): Observable<readonly StatisticsWindow[]> {
  const job = jobId(given)
  return defer(() => from(options.shards.place(job))).pipe(
    switchMap(
      (shard) =>
        new Observable<readonly StatisticsWindow[]>((subscriber) => {
          const watch = new StatisticsWatch(options, job, shard, subscriber)
          return () => watch.stop()
        }),
    ),
  )
}

class StatisticsWatch {
  readonly #options: StatisticsOptions
  readonly #job: string
  readonly #subscriber: Subscriber<readonly StatisticsWindow[]>
  readonly #statistics: JobStatistics
  readonly #stopHearing: Stop
  readonly #ending: Subscription
  readonly #asks: Subscription
  /** `overtaken`: the job has ended while it was looked at, which may have come too early to see it. */
  #look: 'rests' | 'runs' | 'overtaken' = 'rests'
  #nextLook: unknown
  #telling: unknown
  /** The first list waits for what has ended, and as long as any news for what workers have to say. */
  #hasLooked = false
  #hasAsked = false
  #hasTold = false

  constructor(
    options: StatisticsOptions,
    job: string,
    shard: number,
    subscriber: Subscriber<readonly StatisticsWindow[]>,
  ) {
    const { bus, subjects, notice, ending } = options
    this.#options = options
    this.#job = job
    this.#subscriber = subscriber
    this.#statistics = new JobStatistics(notice)
    this.#stopHearing = bus.subscribe(subjects.statistics(shard, `${job}/*`), (message) =>
      this.#hear(message),
    )
    this.#ending = ending(job).subscribe(() => this.#begin())
    this.#asks = statisticsAsks(options, job).subscribe({
      next: () => this.#asked(),
      error: (error) => subscriber.error(error),
    })
    this.#begin()
  }

  stop(): void {
    const { clock } = this.#options
    this.#stopHearing()
    this.#ending.unsubscribe()
    this.#asks.unsubscribe()
    clock.clearTimeout(this.#nextLook)
    clock.clearTimeout(this.#telling)
  }

  #hear({ subject, data }: BusMessage): void {
    try {
      if (this.#statistics.takeSent(statisticsMessage.decode(data)) && this.#hasLooked) this.#tellSoon()
    } catch (error) {
      this.#options.notice({ kind: 'frame.refused', subject, error })
    }
  }

  #asked(): void {
    this.#hasAsked = true
    if (this.#hasLooked && !this.#hasTold) this.#tell()
  }

  #begin(): void {
    if (this.#look !== 'rests') {
      this.#look = 'overtaken'
      return
    }
    this.#look = 'runs'
    this.#options.clock.clearTimeout(this.#nextLook)
    readPages(this.#statistics, (after) => this.#options.page(this.#job, after)).then(
      ({ state, isNews }) => this.#looked(state, isNews),
      (error: unknown) => this.#subscriber.error(error),
    )
  }

  #looked(state: string, isNews: boolean): void {
    const wasOvertaken = this.#look === 'overtaken'
    const isFirst = !this.#hasLooked
    this.#look = 'rests'
    this.#hasLooked = true
    if (this.#subscriber.closed) return
    if (isEndOfJob(state)) {
      this.#statistics.settle()
      this.#tell()
      this.#subscriber.complete()
      return
    }
    if (isFirst && this.#hasAsked) this.#tell()
    else if (isFirst || isNews) this.#tellSoon()
    if (wasOvertaken) this.#begin()
    else this.#nextLook = this.#options.clock.setTimeout(() => this.#begin(), clientTimings.statisticsLookMs)
  }

  #tellSoon(): void {
    this.#telling ??= this.#options.clock.setTimeout(() => this.#tell(), clientTimings.statisticsTellMs)
  }

  readonly #tell = (): void => {
    this.#options.clock.clearTimeout(this.#telling)
    this.#telling = undefined
    this.#hasTold = true
    this.#subscriber.next(this.#statistics.windows())
  }
}
