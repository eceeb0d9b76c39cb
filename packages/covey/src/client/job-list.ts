import { limits } from '@covey/protocol'
import type { Clock } from '@covey/transport'
import { map, Observable, ReplaySubject, type Subscriber, type Subscription, share } from 'rxjs'
import type { TransitionOf } from '../transitions/typed-transition.js'
import type { JobSummary } from './client-contract.js'
import { clientTimings } from './client-timings.js'
import { isAbsent, isEndOfJob } from './followed-job.js'

/** What a list of jobs stands on. */
export interface JobListOptions {
  readonly clock: Clock
  /** Transitions of the charts of all jobs. */
  readonly transitions$: Observable<TransitionOf<'job'>>
  /** All jobs now, in the order of submission. */
  readonly list: () => Promise<readonly JobSummary[]>
  /** How far one job is; rejects `not_found`, or `expired` where it is kept no more. */
  readonly summary: (id: string) => Promise<JobSummary>
}

interface Told {
  readonly all: ReadonlyMap<string, JobSummary>
  readonly changed: readonly JobSummary[]
}

/**
 * All jobs, then those that changed, shared by all who subscribe. Transitions tell which jobs have a new state, and a look
 * once a second how far those are that run; what is so found out is asked for by id, many jobs in one frame.
 */
export function jobList(options: JobListOptions): Observable<readonly JobSummary[]> {
  const told$ = new Observable<Told>((subscriber) => {
    const watch = new JobListWatch(options, subscriber)
    return () => watch.stop()
  }).pipe(share({ connector: () => new ReplaySubject(1), resetOnRefCountZero: true }))
  return told$.pipe(map(({ all, changed }, index) => (index === 0 ? [...all.values()] : changed)))
}

class JobListWatch {
  readonly #options: JobListOptions
  readonly #subscriber: Subscriber<Told>
  readonly #known = new Map<string, JobSummary>()
  /** Jobs that have not ended, those first that have waited longest to be looked at. */
  readonly #running = new Set<string>()
  /** Jobs to ask about, with the state that was told; empty for a look. */
  readonly #due = new Map<string, string>()
  readonly #transitions: Subscription
  #isAsking = true
  /** Jobs of which an answer may be on its way; undefined while that is the list of all. */
  #asked: ReadonlySet<string> | undefined
  #timer: unknown

  constructor(options: JobListOptions, subscriber: Subscriber<Told>) {
    this.#options = options
    this.#subscriber = subscriber
    // Before the list, so that nothing happens between the two.
    this.#transitions = options.transitions$.subscribe({
      next: ({ actor, from, to }) => (to === '' ? this.#letGo(actor, from) : this.#hear(actor, to)),
      error: (error) => subscriber.error(error),
    })
    this.#run(this.#begin())
  }

  stop(): void {
    this.#transitions.unsubscribe()
    this.#options.clock.clearTimeout(this.#timer)
  }

  async #begin(): Promise<void> {
    this.#take(await this.#options.list(), true)
    this.#asked = new Set()
    for (const [id, state] of this.#due) if (state !== '' && !this.#isNews(id, state)) this.#due.delete(id)
    this.#isAsking = false
    this.#arm()
    await this.#askDue()
  }

  #arm(): void {
    if (this.#subscriber.closed) return
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#look()
      this.#arm()
    }, clientTimings.jobsLookMs)
  }

  #look(): void {
    for (const id of [...this.#running].slice(0, limits.jobsAskedAtOnceMax)) {
      this.#running.delete(id)
      this.#running.add(id)
      this.#due.set(id, '')
    }
    this.#run(this.#askDue())
  }

  #hear(id: string, state: string): void {
    if (!this.#isNews(id, state)) return
    this.#due.set(id, state)
    this.#run(this.#askDue())
  }

  /** A job is kept no more: how it ended is the last that is told of it. */
  #letGo(id: string, end: string): void {
    const known = this.#known.get(id)
    if (known !== undefined && isEndOfJob(end)) this.#take([{ ...known, state: end, ended: known.total }])
    this.#forget(id)
    // An answer from before may still bring it back: the next one does not.
    if (this.#asked === undefined || this.#asked.has(id)) this.#due.set(id, '')
  }

  #forget(id: string): void {
    this.#known.delete(id)
    this.#running.delete(id)
    this.#due.delete(id)
  }

  #isNews(id: string, state: string): boolean {
    const known = this.#known.get(id)
    return known === undefined || (known.state !== state && !isEndOfJob(known.state))
  }

  async #askDue(): Promise<void> {
    if (this.#isAsking) return
    this.#isAsking = true
    while (this.#due.size > 0 && !this.#subscriber.closed) {
      const ids = [...this.#due.keys()].slice(0, limits.jobsAskedAtOnceMax)
      for (const id of ids) this.#due.delete(id)
      this.#asked = new Set(ids)
      const found = await Promise.all(ids.map((id) => this.#find(id)))
      this.#take(found.filter((summary) => summary !== undefined))
      this.#asked = new Set()
      for (const [index, id] of ids.entries()) if (found[index] === undefined) this.#forget(id)
    }
    this.#isAsking = false
  }

  async #find(id: string): Promise<JobSummary | undefined> {
    try {
      return await this.#options.summary(id)
    } catch (error) {
      if (isAbsent(error)) return undefined
      throw error
    }
  }

  #take(summaries: readonly JobSummary[], isFirst = false): void {
    const changed = summaries.filter((summary) => this.#learn(summary))
    if (changed.length > 0 || isFirst) this.#subscriber.next({ all: this.#known, changed })
  }

  /** Whether a summary is news; an end stays, though a leader of yesterday may still answer. */
  #learn(summary: JobSummary): boolean {
    const { id, state, total, ended } = summary
    const known = this.#known.get(id)
    if (known !== undefined && isEndOfJob(known.state)) return false
    if (known?.state === state && known.total === total && known.ended === ended) return false
    this.#known.set(id, summary)
    if (isEndOfJob(state)) this.#running.delete(id)
    else this.#running.add(id)
    return true
  }

  #run(work: Promise<void>): void {
    work.catch((error: unknown) => this.#subscriber.error(error))
  }
}
