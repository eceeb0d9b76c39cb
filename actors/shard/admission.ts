import { classOfCommand, creditAt, isShed, type LoadLevel } from '@covey/machines'
import { type Answer, type Command, CoveyError, limits, reportOfError } from '@covey/protocol'
import type { LoadShares, Overload } from './overload.js'
import type { ShardFigures } from './shard-figures.js'
import type { ShardState } from './shard-state.js'

/** What the admission of commands works with: one per term. */
export interface AdmissionOptions {
  readonly overload: Pick<Overload, 'level' | 'noteQueued'>
  readonly figures: ShardFigures
  readonly state: ShardState
  /** Events that wait for the append in flight. */
  readonly queuedEvents: () => number
  /** The share of the log's bytes that are in use. */
  readonly logFill: () => number
}

/**
 * Who has to come again later: under load some classes of commands are refused, with the time after which to ask again
 * (H19). What cancels, ends or tells of results passes at every level.
 */
export class Admission {
  readonly #options: AdmissionOptions

  constructor(options: AdmissionOptions) {
    this.#options = options
  }

  /** Events that wait for the append in flight. */
  get queuedEvents(): number {
    return this.#options.queuedEvents()
  }

  get level(): LoadLevel {
    return this.#options.overload.level
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
  credit(): { readonly credit?: number } {
    const credit = creditAt(this.#options.overload.level)
    return credit === undefined ? {} : { credit }
  }

  /** The answer to a command that is not taken now. */
  refusalOf(command: Command): Answer | undefined {
    const { overload, figures, queuedEvents } = this.#options
    const ofClass = classOfCommand(command)
    if (ofClass === 'control') return undefined
    overload.noteQueued(queuedEvents())
    const { level } = overload
    if (!isShed(ofClass, level)) return undefined
    figures.shed[ofClass] += 1
    return comeAgain(command.number, limits.loadHintMs, `the manager that leads is ${level}`)
  }
}

function comeAgain(number: number, afterMs: number, why: string): Answer {
  const error = new CoveyError('overloaded', why, { mend: `come again in ${afterMs} ms` })
  return { type: 'error', number, error: reportOfError(error, limits.errorTextMax), afterMs }
}
