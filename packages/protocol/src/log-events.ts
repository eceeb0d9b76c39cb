import { z } from 'zod'
import { cancelCounts, commandNameSchema } from './cancel-counts.js'
import { defineMessage } from './codec.js'
import { endKinds } from './fact-messages.js'
import { limits } from './limits.js'
import { chunkSchema, extensionAskFields, type Policy, policySchema, stepSchema } from './policy.js'
import { asRow } from './rows.js'
import {
  bytesSchema,
  countSchema,
  durationMsSchema,
  errorReportSchema,
  idSchema,
  reasonSchema,
  statisticsBytesSchema,
  stopReasonSchema,
  termSchema,
  tokenSchema,
  workflowIdSchema,
} from './schemas.js'
import { traceSchema } from './trace.js'

const workflow = workflowIdSchema
const token = tokenSchema
const generation = countSchema
/** What the function has counted: kept if this word ends the workflow. */
const statistics = statisticsBytesSchema.exactOptional()

const assignmentFields = {
  type: z.literal('workflow.assigned'),
  workflow,
  worker: idSchema,
  generation,
  credits: z.array(countSchema).min(1).max(limits.creditsPerWorkerMax),
}

const attemptEvents = [
  z.object({ type: z.literal('workflow.started'), workflow, token }),
  /** The worker will not run it; the refusal burns the token (K40). */
  z.object({ type: z.literal('workflow.refused'), workflow, token, reason: reasonSchema }),
  z.object({ type: z.literal('workflow.completed'), workflow, token, result: bytesSchema, statistics }),
  /** `jitter` is drawn by the leader, so that every fold computes the same backoff. */
  z.object({
    type: z.literal('workflow.failed'),
    workflow,
    token,
    error: errorReportSchema,
    retryable: z.boolean(),
    jitter: z.number().min(0).max(1),
    statistics,
  }),
  z.object({ type: z.literal('workflow.cancelled'), workflow, token }),
  /** It has asked for more time; how much it is given follows from its chart, and moves its recorded due time (H17, K16). */
  z.object({ type: z.literal('workflow.extended'), workflow, token, ...extensionAskFields }),
  /** The worker's word that the attempt never started, or was aborted: the token is burnt (K4). */
  z.object({ type: z.literal('workflow.unassigned'), workflow, token, reason: reasonSchema }),
] as const

const shardEvents = [
  z.object({
    type: z.literal('job.submitted'),
    job: idSchema,
    digest: z.string().max(limits.nameTextMax),
    chunk: chunkSchema,
    workflows: z.array(stepSchema).min(1).max(limits.workflowsPerChunkMax),
    /** Part of no decision: two submissions that differ in it are the same job. */
    trace: traceSchema.exactOptional(),
  }),
  z.object({
    type: z.literal('cancel.requested'),
    job: idSchema,
    reason: stopReasonSchema,
    /** Workflows of the job with their dependents; without it the whole job. */
    steps: z.array(idSchema).min(1).max(limits.cancelledStepsMax).exactOptional(),
    /** The command that it carries out: whoever repeats it is told what it did (K24). */
    by: commandNameSchema.exactOptional(),
  }),
  /** All that a cancel by filter has met is in the log, up to `sequence`: whoever repeats it is told so, and sweeps no more (K24). */
  z.object({
    type: z.literal('cancel.swept'),
    by: commandNameSchema,
    sequence: countSchema,
    ...cancelCounts,
  }),
  /** A worker's generation is over; its attempts wait in `fencing` for `lease.over` (K8). */
  z.object({ type: z.literal('worker.ended'), worker: idSchema, generation, how: z.enum(endKinds) }),
  z.object({ type: z.literal('lease.over'), worker: idSchema, generation }),
  /** A recorded due time has come in the shard's own time (K16); `armedAt` is the place `sequence.index` that armed it. */
  z.object({ type: z.literal('timer.due'), workflow, armedAt: z.string().max(limits.nameTextMax) }),
  z.object({ type: z.literal('release.announced') }),
  /** The state after a message of this epoch is kept whole, in parts: it exists from here on (K3). */
  z.object({
    type: z.literal('snapshot.taken'),
    sequence: countSchema,
    parts: countSchema,
    bytes: countSchema,
    /** SHA-256 of its bytes, in hexadecimal. */
    digest: z.string().max(limits.nameTextMax),
    /** Words of the outbox up to this sequence of it are in that state, or say nothing new to it (K9). */
    outbox: countSchema.exactOptional(),
  }),
] as const

/** An event as it is written: an assignment names the place of its policy in the batch, or has it whole. */
export const writtenEventSchema = asRow(
  z.discriminatedUnion('type', [
    ...shardEvents,
    ...attemptEvents,
    z.object({ ...assignmentFields, policy: z.union([countSchema, policySchema]) }),
  ]),
)
/** An event as it is written. */
export type WrittenEvent = z.infer<typeof writtenEventSchema>
type WrittenAssignment = Extract<WrittenEvent, { type: 'workflow.assigned' }>
/** Everything that can happen in a shard. The token of an attempt is the place of its `workflow.assigned` in the log. */
export type LogEvent =
  | Exclude<WrittenEvent, WrittenAssignment>
  | (Omit<WrittenAssignment, 'policy'> & { policy: Policy })
/** One kind of log event. */
export type LogEventOf<Type extends LogEvent['type']> = Extract<LogEvent, { type: Type }>

/** What a shard keeps of jobs that have ended. */
export const retentionSchema = z.object({
  workflows: countSchema,
  /** Of their results. */
  bytes: countSchema,
  ms: durationMsSchema,
  /** Of jobs that went; missing in claims of older folds. */
  ids: countSchema.exactOptional(),
})
/** What a shard keeps of jobs that have ended: so many workflows, so many bytes of their results, for so long, and so many ids after that. */
export type Retention = z.infer<typeof retentionSchema>

/** What is kept where nobody says otherwise. */
export const defaultRetention: Retention = {
  workflows: limits.endedWorkflowsKept,
  bytes: limits.endedBytesKept,
  ms: limits.endedKeptMs,
  ids: limits.expiredJobsKept,
}

/** The claim of an epoch: create-once, and fenced at the tail that the claimant has folded (K1). */
export const claimMessage = defineMessage(
  'log.claim',
  z.object({
    streamEpoch: countSchema,
    epoch: countSchema,
    leader: idSchema,
    generation,
    /** Which process and which of its attempts: what tells a won claim whose acknowledgement was lost (K21). */
    bootId: z.string().max(limits.nameTextMax),
    attempt: countSchema,
    /** The term that it comes after; missing where it is the first, and in claims of older folds (K11). */
    follows: termSchema.exactOptional(),
    foldVersion: countSchema,
    elapsedMs: durationMsSchema,
    /**
     * Part of the fold, so that all forget the same at the same place, whatever each was started with. Claims of older
     * folds have none, and are read for their version.
     */
    retention: retentionSchema.exactOptional(),
  }),
)
/** Body of {@link claimMessage}. */
export type ClaimMessage = ReturnType<typeof claimMessage.decode>
