import { z } from 'zod'
import { defineMessage } from './codec.js'
import { limits } from './limits.js'
import { asRow } from './rows.js'
import { bytesSchema, countSchema, errorReportSchema, idSchema } from './schemas.js'

/** The end of a job or workflow, or that it has not come yet (`ended: false`). */
export const outcomeSchema = asRow(
  z.object({
    id: z.string().max(limits.workflowIdTextMax),
    state: z.string().max(limits.stateTextMax),
    ended: z.boolean(),
    result: bytesSchema.exactOptional(),
    error: errorReportSchema.exactOptional(),
    /** With an error: the newest attempt and its worker; missing where none ever ran. */
    attempt: countSchema.exactOptional(),
    node: idSchema.exactOptional(),
  }),
)
/** The end of a job or workflow. */
export type Outcome = z.infer<typeof outcomeSchema>

/** Leader to client: jobs and workflows that it asked to be told of have ended. */
export const outcomesMessage = defineMessage(
  'client.outcomes',
  z.object({ outcomes: z.array(outcomeSchema) }),
)
/** Body of {@link outcomesMessage}. */
export type OutcomesMessage = ReturnType<typeof outcomesMessage.decode>
