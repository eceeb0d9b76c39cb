import { fastBound } from '@covey/engine'
import { type BreakerState, breakerMachine } from '@covey/machines'
import { limits, type TokenText } from '@covey/protocol'
import type { Stop } from '@covey/transport'
import type { Environment } from '../environment.js'
import type { Members } from '../membership/members.js'
import { workerKey } from './shard-state.js'

/** What the breakers of a manager are made with. */
export interface BreakersOptions {
  readonly env: Environment
  readonly members: () => Members
}

/** How many breakers are in each state, and how often one has opened. */
export interface BreakerCounts {
  readonly states: Readonly<Record<BreakerState, number>>
  readonly openings: number
}

/** What a breaker allows in the state in which it is. */
interface Allowed {
  readonly state: BreakerState
  /** Requests that may still go out. */
  requests: number
}

interface Known extends Allowed {
  /** Requests whose outcome was counted, and which: the newest, in whatever state. */
  readonly counted: Map<string, boolean>
}

/** A request to a worker: the attempt that it was given. */
export interface WorkRequest {
  readonly worker: string
  readonly generation: number
  readonly workflow: string
  readonly token: TokenText
}

/** Takes back that work was sent, where its breaker still is in the state in which it was; else it means nothing. */
export type Withdraw = () => void

/** What a breaker is known by: the address of its chart. */
const keyOf = (worker: string, generation: number): string => `breaker.${workerKey(worker, generation)}`

/**
 * The breakers of one manager: one for each generation of a worker that has failed a request, for all shards that the
 * manager leads (S-C4). A breaker ends when there is nothing more to remember, or with its generation (S-C6).
 */
export class Breakers {
  readonly #options: BreakersOptions
  readonly #known = new Map<string, Known>()
  readonly #listeners = new Set<() => void>()
  /** Bound once, for every breaker. */
  readonly #chart: typeof breakerMachine
  #openings = 0
  #watching: Stop | undefined

  constructor(options: BreakersOptions) {
    this.#options = options
    this.#chart = fastBound(breakerMachine, {
      'breaker.enter': ({ self }, { state, requests }) => this.#enter(self.id, { state, requests }),
    })
  }

  stop(): void {
    this.#watching?.()
    this.#watching = undefined
    for (const key of [...this.#known.keys()]) this.#end(key)
    this.#listeners.clear()
  }

  /** Hears of every breaker that has changed its state. */
  onChange(listener: () => void): Stop {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Whether a worker may be given work. Asked for every assignment: where no worker is in trouble it costs nothing. */
  admits(worker: string, generation: number): boolean {
    if (this.#known.size === 0) return true
    return (this.#known.get(keyOf(worker, generation))?.requests ?? 1) > 0
  }

  /** A worker is to be given work. What is handed back takes that back; nothing where no breaker counts it. */
  noteSent(worker: string, generation: number): Withdraw | undefined {
    if (this.#known.size === 0) return undefined
    const known = this.#known.get(keyOf(worker, generation))
    if (known === undefined) return undefined
    known.requests -= 1
    return () => {
      known.requests += 1
    }
  }

  /**
   * How a request ended: whether the worker has taken the work. Whoever has failed may turn out to have taken it, late;
   * more often than that none counts, however many words come of it.
   */
  noteOutcome(request: WorkRequest, isTaken: boolean): void {
    if (isTaken && this.#known.size === 0) return
    const { worker, generation } = request
    const key = keyOf(worker, generation)
    if (!this.#known.has(key)) {
      const { env, members } = this.#options
      if (isTaken || members().endOf(worker, generation) !== undefined) return
      this.#watch()
      env.system.spawn(this.#chart, { id: key })
    }
    if (!this.#counts(key, request, isTaken)) return
    const type = isTaken ? 'request.succeeded' : 'request.failed'
    this.#options.env.system.send(key, { type })
    // What stays closed after a success counts no failure.
    if (isTaken && this.#known.get(key)?.state === 'closed') this.#end(key)
  }

  /** The state of the breaker of a worker. */
  stateOf(worker: string, generation: number): BreakerState {
    return this.#known.get(keyOf(worker, generation))?.state ?? 'closed'
  }

  get counts(): BreakerCounts {
    const states = { closed: 0, open: 0, halfOpen: 0 }
    for (const { state } of this.#known.values()) states[state] += 1
    return { states, openings: this.#openings }
  }

  #watch(): void {
    this.#watching ??= this.#options.members().onNews((news) => {
      if (news.kind === 'ended') this.#end(keyOf(news.ending.nodeId, news.ending.generation))
    })
  }

  #enter(key: string, allowed: Allowed): void {
    const before = this.#known.get(key)
    this.#known.set(key, { ...allowed, counted: before?.counted ?? new Map() })
    if (allowed.state === 'open') this.#openings += 1
    if (before === undefined) return
    for (const listener of [...this.#listeners]) listener()
  }

  /** Whether that is news of a request. A worker has no more of them open than it has credits. */
  #counts(key: string, { workflow, token }: WorkRequest, isTaken: boolean): boolean {
    const counted = this.#known.get(key)?.counted
    const id = `${workflow} ${token}`
    const before = counted?.get(id)
    if (counted === undefined || before === true || before === isTaken) return false
    counted.delete(id)
    counted.set(id, isTaken)
    const [oldest = id] = counted.keys()
    if (counted.size > limits.creditsPerWorkerMax) counted.delete(oldest)
    return true
  }

  #end(key: string): void {
    if (this.#known.delete(key)) this.#options.env.system.stop(key)
  }
}
