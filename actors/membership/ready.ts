import { CoveyError, type ErrorCode } from '@covey/protocol'
import type { Clock } from '@covey/transport'
import type { Self } from '../environment.js'

/** Why a node takes no part, in words. */
const explanations: Partial<Record<ErrorCode, string>> = {
  name_in_use: 'another live process has that name',
  unreachable: 'it cannot reach the broker or its facts, or others cannot reach it',
  deadline: 'it has not joined within its deadline',
  storage_full: 'the broker has no room for its join fact',
  departed: 'it left before it was ready',
  superseded: 'another process has taken over its name',
  evicted: 'an operator has put it out of the cluster',
  incompatible: 'its settings are not those of the others',
  overloaded: 'the cluster is full',
  closed: 'it was closed before it was ready',
}

const mends: Partial<Record<ErrorCode, (nodeId: string) => string>> = {
  name_in_use: () => 'choose another name, or pass --replace to take it over',
  evicted: (nodeId) => `let an operator take it in again (covey readmit ${nodeId}), then start it`,
  incompatible: () =>
    'start it with the profile, replicas and timings of the others; to change those of a cluster, stop all nodes first, or let each join with --other-settings',
  overloaded: () =>
    'let another node leave (covey leave), then start it again; or start a cluster of another name',
  unreachable: () =>
    'check that the broker runs, that its address is right, and that it lets this node subscribe to subjects of its name',
}

/** The error of a node that takes no part. */
export function joinError(code: ErrorCode, nodeId: string, detail?: string): CoveyError {
  const mend = mends[code]?.(nodeId)
  const explanation = explanations[code] ?? 'it could not join'
  return new CoveyError(
    code,
    `node ${nodeId} takes no part: ${explanation}${detail === undefined ? '' : `: ${detail}`}`,
    {
      address: nodeId,
      ...(mend === undefined ? {} : { mend }),
    },
  )
}

/** One promise that is settled once, before its deadline, whatever happens (N6). */
export class Ready {
  readonly promise: Promise<Self>
  readonly #clock: Clock
  readonly #timer: unknown
  #settle: { resolve(self: Self): void; reject(error: CoveyError): void } | undefined

  constructor(clock: Clock, deadlineMs: number, late: () => CoveyError) {
    this.#clock = clock
    this.promise = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    // Whoever does not wait for it hears of the same end by `closed`: nothing is lost with an unhandled rejection.
    this.promise.catch(() => undefined)
    this.#timer = clock.setTimeout(() => this.reject(late()), deadlineMs)
  }

  resolve(self: Self): void {
    this.#settle?.resolve(self)
    this.#end()
  }

  reject(error: CoveyError): void {
    this.#settle?.reject(error)
    this.#end()
  }

  #end(): void {
    this.#settle = undefined
    this.#clock.clearTimeout(this.#timer)
  }
}
