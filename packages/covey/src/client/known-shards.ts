import type { Notice } from '@covey/actors'
import { CoveyError, limits, type Subjects } from '@covey/protocol'
import { type Clock, delay, type Links, readShards } from '@covey/transport'
import { clientTimings } from './client-timings.js'

/** What a client finds out with how many shards its cluster has. */
export interface KnownShardsOptions {
  readonly links: Pick<Links, 'facts' | 'control'>
  readonly subjects: Subjects
  readonly clock: Clock
  readonly notice: (notice: Notice) => void
}

interface Waiter {
  readonly resolve: (shards: number) => void
  readonly reject: (error: CoveyError) => void
}

/**
 * How many shards a cluster has: asked of its facts until one of its managers has said so, for where a job belongs follows
 * from it. Nothing is asked before somebody needs it: who only listens may not. What is to be sent meanwhile waits, for as long as its own deadline lets it.
 */
export class KnownShards {
  /** `undefined` until it is known. */
  count: number | undefined
  readonly #options: KnownShardsOptions
  readonly #waiters = new Set<Waiter>()
  #isLooking = false
  /** Why the last look told nothing; none where it told that no manager has ever been there. */
  #trouble: Error | undefined
  #closed: CoveyError | undefined

  constructor(options: KnownShardsOptions) {
    this.#options = options
  }

  /** Rejects `no_leader`, `unreachable` or `overloaded`, or the error with which the client is closed. */
  async known(deadlineMs: number): Promise<number> {
    if (this.count !== undefined) return this.count
    if (this.#closed !== undefined) throw this.#closed
    if (this.#waiters.size >= limits.commandsWaitingMax) throw this.#error('overloaded')
    const known = this.#wait(deadlineMs)
    if (!this.#isLooking) void this.#look()
    return known
  }

  close(error: CoveyError): void {
    this.#closed = error
    for (const { reject } of this.#waiters) reject(error)
  }

  #wait(deadlineMs: number): Promise<number> {
    const { clock, links } = this.#options
    let timer: unknown
    let waiter: Waiter | undefined
    const waiting = new Promise<number>((resolve, reject) => {
      waiter = { resolve, reject }
      this.#waiters.add(waiter)
      if (deadlineMs === Number.POSITIVE_INFINITY) return
      const expire = (): void =>
        reject(this.#error(links.control.state === 'up' ? 'no_leader' : 'unreachable'))
      timer = clock.setTimeout(expire, deadlineMs)
    })
    return waiting.finally(() => {
      clock.clearTimeout(timer)
      if (waiter) this.#waiters.delete(waiter)
    })
  }

  async #look(): Promise<void> {
    const { links, subjects, clock, notice } = this.#options
    this.#isLooking = true
    while (this.#closed === undefined) {
      let trouble: Error | undefined
      this.count = await readShards({ facts: links.facts, subjects }).catch((error: unknown) => {
        trouble = error instanceof Error ? error : new Error(String(error))
        const isAway = error instanceof CoveyError && error.code === 'unavailable'
        if (!isAway) notice({ kind: 'frame.refused', subject: subjects.agreed('shards'), error })
        return undefined
      })
      this.#trouble = trouble
      if (this.count !== undefined) {
        for (const { resolve } of this.#waiters) resolve(this.count)
        return
      }
      await delay(clock, clientTimings.shardsLookMs)
    }
  }

  #error(code: keyof typeof messages): CoveyError {
    const { subjects } = this.#options
    const cause = code === 'overloaded' ? undefined : this.#trouble
    const { cluster } = subjects
    const text =
      code === 'no_leader' && cause !== undefined ? unsaid(cluster, cause) : messages[code](cluster)
    return new CoveyError(code, text, {
      address: subjects.agreed('shards'),
      mend: mends[code],
      cause,
    })
  }
}

const unsaid = (cluster: string, { message }: Error): string =>
  `nothing said within the deadline how many shards cluster ${cluster} has, and so who leads: ${message}`

const messages = {
  no_leader: (cluster: string) =>
    `no manager that leads cluster ${cluster} has ever been there, within the deadline`,
  unreachable: () => 'the broker was not reachable within the deadline',
  overloaded: () => `${limits.commandsWaitingMax} commands wait for a cluster that is not there yet`,
} as const

const mends = {
  no_leader:
    'see covey doctor: a cluster needs a manager, and its broker room to write; or is it the wrong cluster name?',
  unreachable: 'see whether the broker runs; the same call with the same id may be repeated',
  overloaded: 'await some of them before sending more',
} as const
