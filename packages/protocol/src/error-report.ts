import { CoveyError, type ErrorCode, type ErrorOrigin } from './errors.js'
import { limits } from './limits.js'

/** One error of a chain of causes, as texts: all of it that can be had in another process. */
export interface ErrorCause {
  readonly name: string
  readonly message: string
  /** What the error calls its kind, such as `ENOENT`. */
  readonly code?: string
  /** The lines of its stack below the message: where it was thrown. */
  readonly stack?: string
}

/** An error as it travels and as it is stored in a log. */
export interface ErrorReport {
  readonly code: ErrorCode
  readonly message: string
  readonly address?: string
  readonly mend?: string
  /** What was thrown, what caused that, and so on: at most `errorCausesMax` of them. */
  readonly causes?: readonly ErrorCause[]
  /** How attempts before failed, the oldest first: the last `errorsBeforeMax` of them. */
  readonly before?: readonly string[]
}

const firstFrame = /^\s+at /m

const cut = (value: unknown): string => String(value).slice(0, limits.errorTextMax)

function framesOf({ stack }: Error): string | undefined {
  const start = typeof stack === 'string' ? stack.search(firstFrame) : -1
  return start < 0 ? undefined : stack?.slice(start, start + limits.errorStackMax).trimEnd()
}

function causeOf(error: Error & { readonly code?: unknown }): ErrorCause {
  const { name, message, code } = error
  const stack = framesOf(error)
  return {
    name: cut(name),
    message: cut(message),
    ...(typeof code === 'string' || typeof code === 'number' ? { code: cut(code) } : {}),
    ...(stack === undefined ? {} : { stack }),
  }
}

/** The same error without the lines of its stack, where they would tell of Covey's own code and nothing else. */
export function withoutStack(error: CoveyError): CoveyError {
  error.stack = `${error.name}: ${error.message}`
  return error
}

/** What an error was caused by; of several that happened together, the first. */
const nextOf = (error: Error & { readonly errors?: unknown }): unknown =>
  error.cause ?? (Array.isArray(error.errors) ? error.errors[0] : undefined)

/**
 * A thrown error and the chain of its causes as texts, each cut at its limit. Never throws: where an error cannot be
 * looked at, the chain ends.
 */
export function causesOf(thrown: unknown): readonly ErrorCause[] {
  const causes: ErrorCause[] = []
  try {
    for (let error = thrown; error instanceof Error; error = nextOf(error)) {
      if (causes.length === limits.errorCausesMax) break
      causes.push(causeOf(error))
    }
  } catch {
    // What has been seen of the chain until here is still true.
  }
  return causes
}

/** The causes of a report as a chain of errors that `console.error` shows like any other. */
function errorOfCauses(causes: readonly ErrorCause[] = []): Error | undefined {
  const [first, ...rest] = causes
  if (first === undefined) return undefined
  const { name, message, code, stack = '' } = first
  const cause = errorOfCauses(rest)
  const error = new Error(message, cause === undefined ? undefined : { cause })
  error.name = name
  error.stack = `${name}: ${message}\n${stack}`.trimEnd()
  return code === undefined ? error : Object.assign(error, { code })
}

/** What whoever gets a report knows about it besides. */
interface ReportAside {
  readonly origin?: ErrorOrigin
  readonly retryAfterMs?: number | undefined
}

/** Turns a report from the wire back into an error; its `cause` is what was thrown, with the stack of where that was. */
export const errorFromReport = (
  report: ErrorReport,
  { origin, retryAfterMs }: ReportAside = {},
): CoveyError =>
  new CoveyError(report.code, report.message, {
    ...withoutCauses(report),
    cause: errorOfCauses(report.causes),
    ...(origin === undefined ? {} : { origin }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })

/** Turns an error of ours into what travels, without its causes; texts are cut at `textMax` characters. */
export function reportOfError(error: CoveyError, textMax: number): ErrorReport {
  return {
    code: error.code,
    message: error.message.slice(0, textMax),
    ...(error.address === undefined ? {} : { address: error.address.slice(0, textMax) }),
    ...(error.mend === undefined ? {} : { mend: error.mend.slice(0, textMax) }),
  }
}

/** The error of an attempt together with how those before it failed, in short. */
export function withErrorBefore(error: ErrorReport, last: ErrorReport | null): ErrorReport {
  if (last === null) return error
  const told = `${last.code}: ${last.message}`.slice(0, limits.reasonTextMax)
  return { ...error, before: [...(last.before ?? []), told].slice(-limits.errorsBeforeMax) }
}

/** The same report for a list of many, in which stacks would leave no room. */
export const withoutCauses = ({ code, message, address, mend }: ErrorReport): ErrorReport => ({
  code,
  message,
  ...(address === undefined ? {} : { address }),
  ...(mend === undefined ? {} : { mend }),
})

/** Characters of all texts of a report: what its size in a frame is made of. */
export function charactersOf({
  message,
  address = '',
  mend = '',
  causes = [],
  before = [],
}: ErrorReport): number {
  const own = message.length + address.length + mend.length + before.join('').length + 8 * before.length
  return causes.reduce(
    (sum, { name, message: text, code = '', stack = '' }) =>
      sum + name.length + text.length + code.length + stack.length + 32,
    own,
  )
}
