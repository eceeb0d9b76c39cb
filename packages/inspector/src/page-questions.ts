import { goodbyeReasons, limits as wireLimits } from '@covey/protocol'
import { z } from 'zod'
import type { PageQuestion } from './page-protocol.js'

const id = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const count = id
const key = z
  .string()
  .min(1)
  .max(2 * wireLimits.actorTextMax)
const job = z.string().min(1).max(wireLimits.workflowIdTextMax)
const node = z.string().min(1).max(wireLimits.nameTextMax)

/** Every question of a page, as it is checked at the door. */
export const pageQuestionSchema: z.ZodType<PageQuestion> = z.discriminatedUnion('type', [
  z.object({ id, type: z.literal('actor.get'), key }),
  z.object({ id, type: z.literal('jobs.list') }),
  z.object({ id, type: z.literal('job.get'), job }),
  z.object({ id, type: z.literal('letters.list') }),
  z.object({ id, type: z.literal('log.page'), shard: count, from: count, count }),
  z.object({ id, type: z.literal('log.fold'), shard: count, sequence: count }),
  z.object({ id, type: z.literal('job.cancel'), job, reason: z.string().max(wireLimits.reasonTextMax) }),
  z.object({ id, type: z.literal('node.leave'), node, generation: count, reason: z.enum(goodbyeReasons) }),
])
