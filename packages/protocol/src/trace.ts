import { z } from 'zod'
import { limits } from './limits.js'

const traceparentPattern = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/
const tracestatePattern = /^[ -~]*$/

/**
 * Where something stands in a distributed trace, in the words of W3C Trace Context: what comes next is a child of the
 * span that `traceparent` names (version 00, ids that are not all zero). Missing wherever nobody traces.
 */
export const traceSchema = z.object({
  traceparent: z.string().regex(traceparentPattern),
  tracestate: z.string().max(limits.tracestateTextMax).regex(tracestatePattern).exactOptional(),
})
/** Where something stands in a distributed trace. */
export type TraceContext = z.infer<typeof traceSchema>
