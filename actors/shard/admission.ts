import {
  classOfCommand,
  creditAt,
  isShed,
  type LoadLevel,
  type RateLimits,
  type RateOperation,
} from '@covey/machines'
import { type Answer, type Command, CoveyError, limits, reportOfError } from '@covey/protocol'
import { ClientRates } from './client-rates.js'
import type { LoadShares, Overload } from './overload.js'
import type { ShardFigures } from './shard-figures.js'
import type { ShardState } from './shard-state.js'

/** What the admission of commands works with: one per term. */
export interface AdmissionOptions {
  readonly overload: Pick<Overload, 'level' | 'noteQueued'>
  readonly figures: ShardFigures
  readonly state: ShardState
  /** How often one client may do what. */
  readonly rates: RateLimits
  readonly nowMs: () => number
  /** Events that wait for the append in flight. */
  readonly queuedEvents: () => number
  /** The share of the log's bytes that are in use. */
  readonly logFill: () => number
}

/** Decides on the commands of one frame, one after the other: the answer to one that is not taken now. */
export type RefusalOf = (command: Command) => Answer | undefined

/**
 * Who has to come again later: under load some classes of commands are refused, and so is who comes more often than one
 * client may, with the time after which to ask again (H19, S-D2). What cancels, ends or tells of results always passes.
 */
export class Admission {
  readonly #options: AdmissionOptions
  readonly #rates: Readonly<Partial<Record<RateOperation, ClientRates>>>

  constructor(options: AdmissionOptions) {
    this.#options = options
    const { rates, nowMs } = options
    this.#rates = {
      ...(rates.submit && { submit: new ClientRates(rates.submit, nowMs()) }),
      ...(rates.list && { list: new ClientRates(rates.list, nowMs()) }),
    }
  }

  /** Events that wait for the append in flight. */
  get queuedEvents(): number {
    return this.#options.queuedEvents()
  }

  get level(): LoadLevel {
    return this.#options.overload.level
  }

  /** Commands that were refused since their client came more often than one client may. */
  get limited(): number {
    const { submit, list } = this.#options.figures.limited
    return submit + list
  }

  /** How full is what the term holds. */
  get shares(): LoadShares {
    const { state, queuedEvents, logFill } = this.#options
    return {
      queue: queuedEvents() / limits.logQueueEventsMax,
      log: logFill(),
      workflows: state.workflows.size / limits.workflowsPerShardMax,
    }
  }

  /** What clients may have without an answer at once, where that is bounded now. */
  get credit(): number | undefined {
    return creditAt(this.#options.overload.level)
  }

  /** What is to be asked of each command of a frame of this client. */
  ofFrame(client: string): RefusalOf {
    const turned = { submit: 0, list: 0 }
    return (command) => {
      const ofClass = classOfCommand(command)
      return ofClass === 'control'
        ? undefined
        : (this.#shed(ofClass, command) ?? this.#limit(ofClass, client, command, turned))
    }
  }

  #shed(operation: RateOperation, { number }: Command): Answer | undefined {
    const { overload, figures, queuedEvents } = this.#options
    overload.noteQueued(queuedEvents())
    const { level } = overload
    if (!isShed(operation, level)) return undefined
    figures.shed[operation] += 1
    const error = new CoveyError('overloaded', `the manager that leads is ${level}`, {
      mend: `come again in ${limits.loadHintMs} ms`,
    })
    return comeAgain(number, limits.loadHintMs, error)
  }

  /** What is turned away in one frame is told to come again one after the other, as there will be room for it. */
  #limit(
    operation: RateOperation,
    client: string,
    { number }: Command,
    turned: Record<RateOperation, number>,
  ): Answer | undefined {
    const rates = this.#rates[operation]
    const waitMs = rates?.take(client, this.#options.nowMs()) ?? 0
    if (rates === undefined || waitMs === 0) return undefined
    const { perSecond, burst } = rates.terms
    const afterMs = waitMs + Math.ceil((turned[operation] / perSecond) * 1_000)
    turned[operation] += 1
    this.#options.figures.limited[operation] += 1
    const what = `one client may ${operation} ${perSecond} times a second, ${burst} times at once`
    const mend = `come again in ${afterMs} ms; or let managers allow more: rateLimits.${operation}`
    return comeAgain(number, afterMs, new CoveyError('rate_limited', what, { mend }))
  }
}

const comeAgain = (number: number, afterMs: number, error: CoveyError): Answer => ({
  type: 'error',
  number,
  error: reportOfError(error, limits.errorTextMax),
  afterMs,
})
