import { z } from 'zod'
import { type ErrorCode, errorTable } from './errors.js'
import { isId, isWorkflowId } from './ids.js'
import { limits } from './limits.js'
import { isToken } from './token.js'

/** One check where `z.string().refine()` makes two: the texts of every dispatch pass here. */
const text = (accepts: (text: string) => boolean, what: string): z.ZodType<string, string> =>
  z.custom<string>((value) => typeof value === 'string' && accepts(value), what)

/** A name that a subject can carry. */
export const idSchema = text(isId, 'not an id')
/** `<job>/<step>`. */
export const workflowIdSchema = text(isWorkflowId, 'not <job>/<step>')
/** `s.e.n.i`. */
export const tokenSchema = text(isToken, 'not a token')
/** A whole number from zero. */
export const countSchema = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
/** How often a log was found to have lost entries, and one (K11). */
export const streamEpochSchema = z.number().int().min(0).max(limits.streamEpochMax)
const termPattern = /^[0-9a-f]{12}$/
/** Names the claim that began a term: 48 bits of its digest. */
export const termSchema = text((term) => termPattern.test(term), 'not a term')
/** A duration in milliseconds. */
export const durationMsSchema = z.number().min(0).max(Number.MAX_SAFE_INTEGER)
/** A free text of a person, such as a reason. */
export const reasonSchema = z.string().max(limits.reasonTextMax)
/** Why something is stopped, and who says so. */
export const stopReasonSchema = z.string().max(limits.stopReasonTextMax)

/** Opaque bytes: a packed input or result, which no manager needs to read. */
export const bytesSchema = z.custom<Uint8Array>(
  (value) => value instanceof Uint8Array && value.byteLength <= limits.inlineBytesMax,
  `not bytes, or more than ${limits.inlineBytesMax}`,
)

/** Opaque bytes: what an attempt has kept of statistics, which no manager needs to read. */
export const statisticsBytesSchema = z.custom<Uint8Array>(
  (value) => value instanceof Uint8Array && value.byteLength <= limits.statisticsBytesMax,
  `not bytes, or more than ${limits.statisticsBytesMax}`,
)

const errorCodes = Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]]

const errorCauseSchema = z.object({
  name: z.string().max(limits.errorTextMax),
  message: z.string().max(limits.errorTextMax),
  code: z.string().max(limits.errorTextMax).exactOptional(),
  stack: z.string().max(limits.errorStackMax).exactOptional(),
})

/** An error as it travels. */
export const errorReportSchema = z.object({
  code: z.enum(errorCodes),
  message: z.string().max(limits.errorTextMax),
  address: z.string().max(limits.errorTextMax).exactOptional(),
  mend: z.string().max(limits.errorTextMax).exactOptional(),
  before: z
    .array(z.string().max(limits.reasonTextMax))
    .max(limits.errorsBeforeMax)
    .readonly()
    .exactOptional(),
  causes: z.array(errorCauseSchema).max(limits.errorCausesMax).readonly().exactOptional(),
})
