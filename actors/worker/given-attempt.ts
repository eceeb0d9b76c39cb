import { splitWorkflowId, type TokenText, unpackValue } from '@covey/protocol'
import type { Statistics } from '../statistics/recorder.js'
import type { Extension } from './extension-asks.js'
import type { AttemptInput } from './hosted-workflow.js'
import type { LoadedCode } from './loaded-code.js'

const unpackResults = (results: Readonly<Record<string, Uint8Array>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(results).map(([step, bytes]) => [step, unpackValue(bytes)]))

/** What the function of an attempt is given. Its signal and its statistics are made when they are first asked for, be it by a spread. */
export class GivenAttempt implements AttemptInput {
  // The same accessors for all: of one that is written into a literal V8 makes each object a table, for two microseconds.
  static readonly #onNeed = {
    signal: {
      enumerable: true,
      get(this: GivenAttempt): AbortSignal {
        return this.#code.signal
      },
    },
    statistics: {
      enumerable: true,
      get(this: GivenAttempt): Statistics {
        return this.#code.statistics
      },
    },
  }

  readonly job: string
  readonly step: string
  readonly workflow: string
  readonly token: TokenText
  readonly attempt: number
  readonly node: string
  readonly input: unknown
  readonly results: Readonly<Record<string, unknown>>
  readonly progress: (value: unknown) => void
  readonly extendTimeout: (wantedMs?: number) => Promise<Extension>
  declare readonly signal: AbortSignal
  declare readonly statistics: Statistics
  readonly #code: LoadedCode

  constructor(code: LoadedCode, node: string) {
    const { workflow, token, attempt, input, results } = code.dispatch
    const { job, step } = splitWorkflowId(workflow)
    this.job = job
    this.step = step
    this.workflow = workflow
    this.token = token
    this.attempt = attempt
    this.node = node
    this.input = unpackValue(input)
    this.results = results === undefined ? {} : unpackResults(results)
    this.progress = (value) => code.progress(value)
    this.extendTimeout = (wantedMs) => code.extendTimeout(wantedMs)
    this.#code = code
    const { signal, statistics } = GivenAttempt.#onNeed
    // One by one: of both at once V8 makes lists first, for half a microsecond.
    Object.defineProperty(this, 'signal', signal)
    Object.defineProperty(this, 'statistics', statistics)
  }
}
