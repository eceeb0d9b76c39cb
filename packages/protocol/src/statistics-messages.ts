import { z } from 'zod'
import { defineMessage } from './codec.js'
import { countSchema, idSchema, statisticsBytesSchema, tokenSchema, workflowIdSchema } from './schemas.js'

/** What the function of a running attempt has counted so far, all of it: lossy, the newest number counts. */
export const statisticsMessage = defineMessage(
  'workflow.statistics',
  z.object({
    workflow: workflowIdSchema,
    token: tokenSchema,
    number: countSchema,
    value: statisticsBytesSchema,
  }),
)
/** Body of {@link statisticsMessage}. */
export type StatisticsMessage = ReturnType<typeof statisticsMessage.decode>

/** Asks a worker to say once more, where everybody hears it, what running attempts of a job have said last. */
export const statisticsAsk = defineMessage('statistics.ask', z.object({ job: idSchema }))

/** It has said it: of so many attempts. */
export const statisticsAnswer = defineMessage('statistics.answer', z.object({ attempts: countSchema }))
