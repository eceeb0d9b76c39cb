import { CoveyError, type Dispatch, limits, packStored, resultBytes, storedIn } from '@covey/protocol'
import type { Environment } from '../environment.js'
import { storeObject } from '../objects/object-parts.js'
import { type ResultGround, readResult } from '../objects/stored-results.js'
import { type CodeEnding, failure } from './code-ending.js'
import type { LoadedCode } from './loaded-code.js'

type Completed = Extract<CodeEnding, { type: 'code.completed' }>

/** Whether a word has a result that no message takes. */
export const isLarge = (ending: CodeEnding): ending is Completed =>
  ending.type === 'code.completed' && ending.result.byteLength > limits.inlineBytesMax

/** Whether a dispatch hands over results that are in the object store. */
export const handsOverStored = ({ results }: Dispatch): boolean =>
  results !== undefined && Object.values(results).some((result) => storedIn(result) !== undefined)

/**
 * Results that are too large for a message, at their worker: written under the token of the attempt before its word is
 * said, and read before the code that depends on them is run (K36). Both end with the signal of the attempt.
 */
export class LargeResults {
  readonly #env: Environment

  constructor(env: Environment) {
    this.#env = env
  }

  /** The word with the name of the result in place of its bytes; a failure where they could not be stored. */
  async store(code: LoadedCode, { result }: Completed): Promise<CodeEnding> {
    const { shard, dispatch, signal } = code
    const { workflow, token } = dispatch
    const { subjects } = this.#env
    const subjectOf = (part: number): string => subjects.resultPart(shard, workflow, token, part)
    try {
      const stored = await storeObject(this.#groundOf(code), subjectOf, result)
      if (stored === 'ended') return failure(signal.reason)
      if (stored !== 'full') return { type: 'code.completed', result: packStored({ token, ...stored }) }
      const what = `there is no room for the ${result.byteLength} bytes of the result`
      throw new CoveyError('storage_full', what, { address: workflow })
    } catch (error) {
      return failure(error)
    }
  }

  /** Puts the results themselves in the place of their names; answers with a failure where they cannot be had. */
  async fetch(code: LoadedCode): Promise<CodeEnding | undefined> {
    try {
      code.dispatch = { ...code.dispatch, results: await this.#whole(code) }
      return undefined
    } catch (error) {
      return failure(error)
    }
  }

  async #whole(code: LoadedCode): Promise<Record<string, Uint8Array>> {
    const { shard, dispatch } = code
    const given = Object.entries(dispatch.results ?? {})
    const bytes = given.reduce((sum, [, result]) => sum + resultBytes(result), 0)
    if (bytes > limits.handedBytesMax) throw tooMuch(dispatch.workflow, bytes)
    const job = dispatch.workflow.slice(0, dispatch.workflow.indexOf('/'))
    const whole: Record<string, Uint8Array> = {}
    for (const [step, result] of given) {
      const named = storedIn(result)
      whole[step] = named ? await readResult(this.#groundOf(code), shard, `${job}/${step}`, named) : result
    }
    return whole
  }

  #groundOf({ dispatch, signal }: LoadedCode): ResultGround {
    const { links, subjects, clock, timings, notice } = this.#env
    const onWaiting = (reason: string): void =>
      notice({ kind: 'store.waiting', what: `results of or for ${dispatch.workflow}`, reason })
    return { objects: links.objects, subjects, clock, retryMs: timings.redialMinMs, signal, onWaiting }
  }
}

const tooMuch = (workflow: string, bytes: number): CoveyError =>
  new CoveyError(
    'too_large',
    `the results of its dependencies have ${bytes} bytes, and ${limits.handedBytesMax} are handed over`,
    { address: workflow, mend: 'return less from the dependencies, or put a reduce step between' },
  )
