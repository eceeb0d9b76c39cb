import { CoveyError, type Outcome, unpackValue } from '@covey/protocol'
import { endingError } from './ending-error.js'

/** How a job or workflow ended: its value, or the error that its callers get. */
export type Settled = { readonly value: unknown } | { readonly error: CoveyError }

/** The value of a workflow, from its packed bytes. */
export function unpacked(id: string, result: Uint8Array): Settled {
  try {
    return { value: unpackValue(result) }
  } catch (cause) {
    return {
      error: new CoveyError('invalid_message', `the result of ${id} cannot be unpacked`, {
        address: id,
        cause,
      }),
    }
  }
}

const endCodes = {
  failed: 'workflow_failed',
  cancelled: 'workflow_cancelled',
  skipped: 'workflow_skipped',
} as const

/** What callers are told of an outcome that is in it whole. */
export function settledBy(outcome: Outcome): Settled {
  const { id, state, result, error } = outcome
  // A job's end is a fact to be told, whatever became of its workflows; a workflow's end is a value or an error.
  if (!id.includes('/')) return { value: state }
  if (error !== undefined) return { error: endingError(outcome, error) }
  if (state === 'completed') return result === undefined ? { value: null } : unpacked(id, result)
  const code = endCodes[state as keyof typeof endCodes] ?? 'workflow_failed'
  return { error: new CoveyError(code, `${id} is ${state}`, { address: id }) }
}
