import { z } from 'zod'
import { limits } from './limits.js'
import { countSchema, idSchema } from './schemas.js'

/** How far one job is. */
export const jobViewSchema = z.object({
  id: idSchema,
  state: z.string().max(limits.stateTextMax),
  total: countSchema,
  ended: countSchema,
})
/** How far one job is. */
export type JobView = z.infer<typeof jobViewSchema>

/** How many jobs are in which state. */
export const jobCountsSchema = z.object({
  running: countSchema,
  completed: countSchema,
  failed: countSchema,
  cancelled: countSchema,
})
/** How many jobs are in which state. */
export type JobCounts = z.infer<typeof jobCountsSchema>
