import { CoveyError, type ErrorAbout, type ErrorCode } from '@covey/protocol'

/** What a call was to do, and to whom: its error names both, and how its caller finds out. */
export interface AskedCall {
  /** The id or name that the call is about. */
  readonly id: string
  /** What may have happened: `job a-1 may have been submitted`. */
  readonly doubt: string
  /** How that is found out. */
  readonly look: string
  readonly about: ErrorAbout
}

/** After these it is not known whether what was asked has been done (`docs/errors.md`). */
const openCodes: ReadonlySet<ErrorCode> = new Set([
  'no_leader',
  'unreachable',
  'unavailable',
  'too_old',
  'closed',
])

/** The submit of a job, whose id may have been drawn: nobody but its error tells it then. */
export const submitOf = (job: string): AskedCall => ({
  id: job,
  doubt: `job ${job} may have been submitted`,
  look: `submit the same content with id '${job}', which never runs twice, or look with client.job('${job}')`,
  about: { job },
})

interface CancelTarget {
  readonly job: string
  readonly step?: string
}

/** The cancel of a job, or of one of its steps. */
export const cancelOf = (id: string, { job, step }: CancelTarget): AskedCall => ({
  id,
  doubt: `${id} may have been cancelled`,
  look: `cancel ${id} again, or look with client.job('${job}')`,
  about: step === undefined ? { job } : { job, step },
})

/** An order to a node, or about one. */
export const orderOf = (node: string, done: string): AskedCall => ({
  id: node,
  doubt: `${node} may have ${done}`,
  look: 'see covey status, or repeat the call',
  about: { node },
})

/** The same error as that of a call: with what it was about, and, where it may have been done, with how to find out. */
export function errorOfCall(error: unknown, { id, doubt, look, about }: AskedCall): unknown {
  if (!(error instanceof CoveyError)) return error
  const { code, message, address, mend, cause, retryAfterMs } = error
  const isOpen = openCodes.has(code)
  // As a word of its own: the id of a job may be a letter.
  const isNamed = message.split(/[^\w/-]+/).includes(id)
  const named = isNamed ? message : `${id}: ${message}`
  const mends = isOpen ? [mend, look] : [mend]
  const told = mends.filter((one) => one !== undefined).join('; ')
  return new CoveyError(code, isOpen ? `${doubt}: ${message}` : named, {
    ...{ address: address ?? id, cause, about },
    ...(told !== '' && { mend: told }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  })
}
