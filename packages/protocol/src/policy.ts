import { z } from 'zod'
import { demandSchema, labelsSchema } from './demand.js'
import { limits } from './limits.js'
import { asRow } from './rows.js'
import { bytesSchema, countSchema, durationMsSchema, idSchema } from './schemas.js'

/**
 * How one workflow is run: what its definition says and a worker offers. An assignment carries the policy of the worker
 * that got it, so that the log needs no definitions and every fold decides alike.
 */
export const policySchema = z.object({
  version: z.string().min(1).max(limits.nameTextMax),
  slots: z.number().int().min(1).max(limits.slotsPerWorkerMax),
  /** Exclusive work is aborted when its worker's lease ends and waits for it; other work may run twice (K7). */
  exclusive: z.boolean(),
  timeoutMs: durationMsSchema.positive().max(limits.workflowTimeoutMsMax),
  /** Attempts in all, the first included. */
  attempts: z.number().int().min(1).max(limits.attemptsMax),
  backoffMs: durationMsSchema.max(limits.retryDelayMsMax),
  backoffFactor: z.number().min(1).max(limits.retryFactorMax),
  backoffMaxMs: durationMsSchema.max(limits.retryDelayMsMax),
  /** Labels that a worker has to have. Who offers it without them gets none of it. */
  requires: labelsSchema.exactOptional(),
  /** Attempts of one key that run at once in a shard; of all without a key, where no key is given. */
  keyLimit: z.number().int().min(1).max(limits.keyLimitMax).exactOptional(),
})
/** How one workflow is run. */
export type Policy = z.infer<typeof policySchema>

/** A workflow that a worker can run. */
export const offerSchema = z.object({ name: idSchema, policy: policySchema })
/** A workflow that a worker can run. */
export type Offer = z.infer<typeof offerSchema>

/** One step of a job as it is submitted. */
export const stepSchema = asRow(
  z.object({
    step: idSchema,
    name: idSchema,
    input: bytesSchema,
    after: z.array(idSchema).max(limits.dependenciesPerWorkflowMax),
    demand: demandSchema.exactOptional(),
  }),
)
/** One step of a job as it is submitted. */
export type Step = z.infer<typeof stepSchema>

/** Which part of a job a submit carries: a job over {@link limits.workflowsPerChunkMax} steps comes in several. */
export const chunkSchema = asRow(
  z.object({
    index: countSchema,
    count: z.number().int().min(1).max(limits.workflowsPerJobMax),
  }),
)
/** Which part of a job a submit carries. */
export type Chunk = z.infer<typeof chunkSchema>

/** What an attempt says that asks for more time than its timeout gives it. */
export const extensionAskFields = {
  /** From 1: the next after those that it has been given. */
  number: countSchema,
  /** How often its function has reported progress. */
  progress: countSchema,
  /** Without it, as much as there is. */
  wantedMs: durationMsSchema.exactOptional(),
}
