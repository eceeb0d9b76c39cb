import {
  CoveyError,
  causesOf,
  type ErrorReport,
  errorReportSchema,
  errorTable,
  isCoveyError,
  limits,
  packGiven,
  reportOfError,
  UnfitValue,
} from '@covey/protocol'

/** How the code of an attempt ended. */
export type CodeEnding = (
  | { readonly type: 'code.completed'; readonly result: Uint8Array }
  | { readonly type: 'code.failed'; readonly error: ErrorReport; readonly retryable: boolean }
) & {
  /** What it has counted, packed. */
  readonly statistics?: Uint8Array
}

/** An ending with what the code had counted by then. */
export const withStatistics = (ending: CodeEnding, statistics: Uint8Array | undefined): CodeEnding =>
  statistics === undefined ? ending : { ...ending, statistics }

function pack(value: unknown): Uint8Array {
  try {
    return packGiven(value)
  } catch (cause) {
    throw new CoveyError('invalid_output', `the result cannot be packed: ${textOf(cause)}`, {
      cause,
      mend: cause instanceof UnfitValue ? cause.mend : 'return plain data, which nothing is thrown by',
    })
  }
}

/** A returned value as it travels. Throws `invalid_output` where it is not plain data, `too_large` over the limit. */
export function completion(value: unknown): CodeEnding {
  const result = pack(value)
  if (result.byteLength > limits.resultBytesMax) {
    throw new CoveyError(
      'too_large',
      `the result has ${result.byteLength} bytes, over the limit of ${limits.resultBytesMax}`,
    )
  }
  return { type: 'code.completed', result }
}

/**
 * A thrown value as it travels, with its stack and what caused it: only a `CoveyError` that is not retryable fails the
 * workflow for good. Never throws.
 */
export function failure(error: unknown): CodeEnding {
  try {
    if (isCoveyError(error)) return ownFailure(error)
  } catch {
    // It only looks like one of ours: what it is cannot be trusted, and that the code failed is still true.
  }
  const message = textOf(error).slice(0, limits.errorTextMax)
  const report: ErrorReport = { code: 'workflow_failed', message, ...chainOf(error) }
  return { type: 'code.failed', error: report, retryable: true }
}

/** Checked as at the leader's door: what it refuses there would never reach the log, and never end its attempt. */
function ownFailure(error: CoveyError): CodeEnding {
  const report = errorReportSchema.parse({
    ...reportOfError(error, limits.errorTextMax),
    ...chainOf(hasFrames(error) ? error : error.cause),
  })
  const retryable = errorTable[report.code].class === 'retryable'
  return { type: 'code.failed', error: report, retryable }
}

/** One that was made without a stack tells nothing that its report does not. */
const hasFrames = ({ name, message, stack = '' }: CoveyError): boolean => stack !== `${name}: ${message}`

function chainOf(error: unknown): Pick<ErrorReport, 'causes'> {
  const causes = causesOf(error)
  return causes.length === 0 ? {} : { causes }
}

/** A thrown value in words. Values may refuse to be shown, and even to be looked at. */
function textOf(error: unknown): string {
  try {
    if (error instanceof Error) return `${error.name}: ${error.message}`
    const text = String(error)
    return text === '[object Object]' ? JSON.stringify(error) : text
  } catch {
    return 'a value was thrown that cannot be shown'
  }
}
