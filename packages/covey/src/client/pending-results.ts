import { ChurnMap } from '@covey/engine'
import { CoveyError, checkedDeadlineMs, type Outcome, type StoredResult, storedIn } from '@covey/protocol'
import type { Clock } from '@covey/transport'
import { Observable } from 'rxjs'
import { refuseUnknownOptions } from '../known-options.js'
import type { DeadlineOptions } from './client-contract.js'
import { clientTimings } from './client-timings.js'
import type { LargeResults } from './large-results.js'
import { type Settled, settledBy, unpacked } from './settled.js'
import { knownDeadline } from './time-left.js'

interface Waiter {
  readonly deadlineAtMs: number
  readonly resolve: (value: unknown) => void
  readonly reject: (error: CoveyError) => void
}

/** What is known of one job or workflow whose end somebody awaits, or will. */
export interface PendingResult {
  readonly id: string
  settled: Settled | undefined
  waiters: Waiter[]
  /** When the leader last had a word on it, and how long to wait for the next before asking. */
  heardAtMs: number
  askAfterMs: number
  asking: boolean
  reading: boolean
}

/** What the results of a client stand on. */
export interface PendingResultsOptions {
  readonly clock: Clock
  /** Asks the leader how a workflow, or a job, stands. */
  readonly ask: (id: string) => Promise<Outcome>
  /** Reads results that are too large for a message. */
  readonly large: Pick<LargeResults, 'read' | 'close'>
}

/**
 * Every end that a client awaits, in one map under one timer.
 *
 * 1. Pushes are hints (K42): what has had no news for a second is asked for again by id, with backoff, until it ends.
 * 2. A value is unpacked once, however many wait for it.
 * 3. What nobody awaits is not asked for, and is forgotten after a while: it can be asked for by id.
 */
export class PendingResults {
  readonly #options: PendingResultsOptions
  readonly #pending = new ChurnMap<string, PendingResult>()
  #timer: unknown
  #closed: CoveyError | undefined

  constructor(options: PendingResultsOptions) {
    this.#options = options
  }

  /** Begins to listen for the push of an end, before what leads to it is sent. */
  expect(id: string): PendingResult {
    const known = this.#pending.get(id)
    if (known !== undefined) return known
    const heardAtMs = this.#options.clock.now()
    const askAfterMs = clientTimings.resultAskMs
    const pending: PendingResult = {
      id,
      settled: undefined,
      waiters: [],
      heardAtMs,
      askAfterMs,
      asking: false,
      reading: false,
    }
    this.#pending.set(id, pending)
    this.#arm()
    return pending
  }

  /** The end of a job or workflow that this client may never have heard of, and then asks for at once. */
  async find(id: string, options?: DeadlineOptions, call = 'result'): Promise<unknown> {
    const untilMs = this.#until(call, options)
    const isNew = !this.#pending.has(id)
    const pending = this.expect(id)
    if (isNew) this.#ask(pending)
    return this.#settled(pending, () => untilMs)
  }

  /** Resolves with the value, or rejects with the error it ended by, with `deadline`, `closed` or `invalid_options`. */
  wait(pending: PendingResult, options?: DeadlineOptions): Promise<unknown> {
    return this.#settled(pending, () => this.#until('result', options))
  }

  /** Without a deadline, as long as it takes. */
  #until(call: string, options: DeadlineOptions = {}): number {
    refuseUnknownOptions(call, options, knownDeadline)
    const { deadlineMs } = options
    return deadlineMs === undefined
      ? Number.POSITIVE_INFINITY
      : this.#options.clock.now() + checkedDeadlineMs(deadlineMs)
  }

  #settled(pending: PendingResult, until: () => number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const deadlineAtMs = until()
      const { settled } = pending
      if (settled !== undefined) return 'error' in settled ? reject(settled.error) : resolve(settled.value)
      if (this.#closed !== undefined) return reject(this.#closed)
      this.#await(pending, { deadlineAtMs, resolve, reject })
    })
  }

  /** Emits once, when a job or workflow has ended, however it did; who unsubscribes lets it be. */
  ending(id: string): Observable<void> {
    return new Observable((subscriber) => {
      const isNew = !this.#pending.has(id)
      const pending = this.expect(id)
      const tell = (): void => subscriber.next()
      const waiter: Waiter = { deadlineAtMs: Number.POSITIVE_INFINITY, resolve: tell, reject: tell }
      this.#await(pending, waiter)
      if (isNew) this.#ask(pending)
      return () => {
        pending.waiters = pending.waiters.filter((other) => other !== waiter)
      }
    })
  }

  #await(pending: PendingResult, waiter: Waiter): void {
    pending.waiters.push(waiter)
    const isKnown = this.#pending.get(pending.id) === pending
    if (isKnown && pending.heardAtMs >= 0) return
    // It was forgotten meanwhile, and its push with it; or it may have ended before it was expected.
    this.#pending.set(pending.id, pending)
    this.#arm()
    this.#ask(pending)
  }

  /** Takes a pushed outcome; one that nobody expects is let pass. */
  take(outcome: Outcome): void {
    const pending = this.#pending.get(outcome.id)
    if (pending === undefined || !outcome.ended) return
    const lacksResult =
      outcome.id.includes('/') && outcome.state === 'completed' && outcome.result === undefined
    if (lacksResult) this.#ask(pending)
    else this.#end(pending, outcome)
  }

  /** What may have ended before it was expected is asked for as soon as somebody awaits it. */
  recheck(pending: PendingResult): void {
    pending.heardAtMs = Number.NEGATIVE_INFINITY
  }

  /** A new leader owes no pushes: what is awaited is asked for soon. */
  hurry(): void {
    for (const pending of this.#pending.values()) {
      pending.askAfterMs = clientTimings.resultAskMs
      pending.heardAtMs = Math.min(pending.heardAtMs, this.#options.clock.now() - clientTimings.resultAskMs)
    }
  }

  /** Rejects all that is awaited, and all that will be. */
  close(error: CoveyError): void {
    this.#closed = error
    this.#options.large.close(error)
    this.#options.clock.clearTimeout(this.#timer)
    for (const pending of [...this.#pending.values()]) this.#settle(pending, { error })
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#closed !== undefined || this.#pending.size === 0) return
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#timer = undefined
      this.#look()
      this.#arm()
    }, clientTimings.resultTickMs)
  }

  #look(): void {
    const nowMs = this.#options.clock.now()
    let asks = 0
    for (const pending of this.#pending.values()) {
      expire(pending, nowMs)
      const silentMs = nowMs - pending.heardAtMs
      if (pending.waiters.length === 0) {
        if (silentMs >= clientTimings.resultKeptMs) this.#pending.delete(pending.id)
      } else if (silentMs >= pending.askAfterMs && asks < clientTimings.resultAsksPerTickMax) {
        asks += 1
        this.#ask(pending)
      }
    }
  }

  #ask(pending: PendingResult): void {
    if (pending.asking || pending.reading || pending.settled !== undefined || this.#closed !== undefined)
      return
    pending.asking = true
    this.#options.ask(pending.id).then(
      (outcome) => {
        this.#hear(pending)
        if (outcome.ended) this.#end(pending, outcome)
      },
      (error: CoveyError) => {
        this.#hear(pending)
        // An error that may pass says nothing about the work: it is asked for again.
        if (!error.retryable) this.#settle(pending, { error })
      },
    )
  }

  #hear(pending: PendingResult): void {
    pending.asking = false
    pending.heardAtMs = this.#options.clock.now()
    pending.askAfterMs = Math.min(pending.askAfterMs * 2, clientTimings.resultAskMaxMs)
  }

  /** It has ended. A result that is elsewhere is read first, where somebody awaits it (K36); meanwhile nothing is asked. */
  #end(pending: PendingResult, outcome: Outcome): void {
    const named = outcome.result && storedIn(outcome.result)
    if (named === undefined) this.#settle(pending, settledBy(outcome))
    else if (pending.waiters.length === 0) this.recheck(pending)
    else if (!pending.reading) {
      pending.reading = true
      this.#read(pending, named).then(
        (settled) => {
          pending.reading = false
          if (settled === undefined) this.recheck(pending)
          else this.#settle(pending, settled)
        },
        (error: CoveyError) => this.#settle(pending, { error }),
      )
    }
  }

  /** Undefined where nobody can say now whether what is not there is lost: what is kept no more has `expired`. */
  async #read({ id }: PendingResult, named: StoredResult): Promise<Settled | undefined> {
    const { large, ask } = this.#options
    try {
      return unpacked(id, await large.read(id, named))
    } catch (error) {
      const now = await ask(id).catch((other: CoveyError) => {
        if (!other.retryable) throw other
      })
      if (now?.result === undefined || storedIn(now.result)?.token !== named.token) return undefined
      throw error
    }
  }

  #settle(pending: PendingResult, settled: Settled): void {
    if (pending.settled !== undefined) return
    pending.settled = settled
    if (this.#pending.get(pending.id) === pending) this.#pending.delete(pending.id)
    const { waiters } = pending
    pending.waiters = []
    for (const waiter of waiters) {
      if ('error' in settled) waiter.reject(settled.error)
      else waiter.resolve(settled.value)
    }
  }
}

function expire(pending: PendingResult, nowMs: number): void {
  if (pending.waiters.every(({ deadlineAtMs }) => deadlineAtMs > nowMs)) return
  const { id, waiters } = pending
  pending.waiters = waiters.filter(({ deadlineAtMs }) => deadlineAtMs > nowMs)
  const mend = 'ask again by the same id: the work goes on'
  const error = new CoveyError('deadline', `${id} has not ended within the deadline`, { address: id, mend })
  for (const waiter of waiters) if (waiter.deadlineAtMs <= nowMs) waiter.reject(error)
}
