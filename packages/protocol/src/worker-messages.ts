import { z } from 'zod'
import { defineMessage } from './codec.js'
import { limits } from './limits.js'
import { extensionAskFields, offerSchema } from './policy.js'
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
  streamEpochSchema,
  tokenSchema,
  workflowIdSchema,
} from './schemas.js'
import { seenFields, streamPlaceSchema } from './stream-place.js'
import { traceSchema } from './trace.js'

const creditsSchema = z.array(countSchema).max(limits.creditsPerWorkerMax)
const attemptSchema = z.object({ token: tokenSchema, workflow: workflowIdSchema })

/**
 * What every command of a leader to a worker names: so that an older leader starts nothing (K6), and so that the worker
 * can tell the next one how far the log went (K11).
 */
const senderFields = {
  ...streamPlaceSchema.shape,
  shard: countSchema,
  epoch: countSchema,
  leader: idSchema,
  leaderGeneration: countSchema,
}

/** How many slots of a worker a shard could use now, with the credits that it has, and how many of them one attempt takes at most. */
const wantSchema = z.object({ slots: countSchema, unit: countSchema })
/** How many slots of a worker a shard could use now. */
export type Want = z.infer<typeof wantSchema>

/** One attempt to start. Its credits are used up by it, whatever becomes of it (K6, K10). */
export const dispatchSchema = asRow(
  z.object({
    token: tokenSchema,
    workflow: workflowIdSchema,
    name: idSchema,
    version: z.string().max(limits.nameTextMax),
    credits: creditsSchema,
    /** The number of this attempt, from 1. */
    attempt: countSchema,
    timeoutMs: durationMsSchema,
    exclusive: z.boolean(),
    input: bytesSchema,
    /** Packed results of the dependencies, by step. */
    results: z.record(idSchema, bytesSchema).exactOptional(),
    /** The span of the assignment, or of whoever submitted the job. */
    trace: traceSchema.exactOptional(),
  }),
)
/** One attempt to start. */
export type Dispatch = z.infer<typeof dispatchSchema>

/** The answer to an attempt that asked for more time. */
export const extensionAnswerSchema = z.object({
  token: tokenSchema,
  /** That of the ask. */
  number: countSchema,
  /** Milliseconds by which its timeout is later; 0 where it was refused. */
  grantedMs: durationMsSchema,
  reason: reasonSchema.exactOptional(),
})
/** The answer to an attempt that asked for more time. */
export type ExtensionAnswer = z.infer<typeof extensionAnswerSchema>

/** Leader to worker: these reports are in the log (their slots are free, K9), and these attempts are to start. */
export const runMessage = defineMessage(
  'worker.run',
  z.object({
    ...senderFields,
    logged: z.array(tokenSchema).max(limits.commandsPerMessageMax),
    dispatches: z.array(dispatchSchema).max(limits.commandsPerMessageMax),
    /** Attempts that asked for more time have it, or are refused. */
    extensions: z.array(extensionAnswerSchema).max(limits.commandsPerMessageMax).exactOptional(),
    /** More is waiting than the credits here suffice for, where other shards may have some (K10). */
    want: wantSchema.exactOptional(),
  }),
)
/** Body of {@link runMessage}. */
export type RunMessage = ReturnType<typeof runMessage.decode>

/** Leader to worker: stop these attempts; one never seen is burnt together with its credits (K4, K6). */
export const cancelMessage = defineMessage(
  'worker.cancel',
  z.object({
    ...senderFields,
    cancels: z
      .array(
        attemptSchema.extend({
          credits: creditsSchema,
          cause: z.enum(['cancel', 'timeout']),
          reason: stopReasonSchema,
        }),
      )
      .max(limits.commandsPerMessageMax),
  }),
)
/** Body of {@link cancelMessage}. */
export type CancelMessage = ReturnType<typeof cancelMessage.decode>

/**
 * Leader to worker: what has become of these attempts? One that is not known is burnt in the same transition (K4).
 * With `opening` a new leader lists all that the log has assigned to the worker; it gets credits only after the `last` part (K10).
 */
export const askMessage = defineMessage(
  'worker.ask',
  z.object({
    ...senderFields,
    opening: z.boolean(),
    last: z.boolean(),
    questions: z.array(attemptSchema.extend({ credits: creditsSchema })).max(limits.commandsPerMessageMax),
  }),
)
/** Body of {@link askMessage}. */
export type AskMessage = ReturnType<typeof askMessage.decode>

/**
 * Worker to leader: all that it holds, and all credits outstanding: never a difference (K10). The grant that answers
 * it renews the lease of (generation, shard), counted from the moment this was sent (K7).
 */
export const renewMessage = defineMessage(
  'worker.renew',
  z.object({
    worker: idSchema,
    generation: countSchema,
    /** The highest epoch of the shard that the worker has seen, and its stream epoch; 0 before any. */
    streamEpoch: streamEpochSchema,
    epoch: countSchema,
    ...seenFields,
    /** How far the log went by the newest grant that has come from that epoch's leader; 0 before any has (K41). */
    heard: countSchema.exactOptional(),
    /** Whether the list of that epoch's leader has been answered: only then do the credits count. */
    opened: z.boolean(),
    /** All slots of the worker, whatever part of them is for this shard. */
    slots: countSchema,
    /** How many of the credits it would have back, for another shard: they are returned by the grant (K10). */
    recall: countSchema.exactOptional(),
    state: z.string().max(limits.stateTextMax),
    credits: creditsSchema,
    held: z.array(attemptSchema).max(limits.creditsPerWorkerMax),
    offers: z.array(offerSchema).max(limits.offersPerWorkerMax),
  }),
)
/** Body of {@link renewMessage}. */
export type RenewMessage = ReturnType<typeof renewMessage.decode>

/** Leader to worker: an append published after your renewal arrived has been acknowledged (K7). */
export const grantMessage = defineMessage(
  'worker.grant',
  z.object({
    ...streamPlaceSchema.shape,
    epoch: countSchema,
    want: wantSchema.exactOptional(),
    /** Credits that this leader will never use. */
    returned: creditsSchema.exactOptional(),
  }),
)
/** Body of {@link grantMessage}. */
export type GrantMessage = ReturnType<typeof grantMessage.decode>

const reportFields = {
  ...attemptSchema.shape,
  /** Credits given out with this word: they count once the report is in the log (or at once where no slot was taken). */
  credits: creditsSchema,
}
/** What its function has counted, where it has: it counts if the attempt ends its workflow. */
const statistics = statisticsBytesSchema.exactOptional()

/** A worker's word on one attempt. */
export const reportSchema = asRow(
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('started'), ...reportFields }),
    z.object({ kind: z.literal('completed'), ...reportFields, result: bytesSchema, statistics }),
    z.object({
      kind: z.literal('failed'),
      ...reportFields,
      error: errorReportSchema,
      retryable: z.boolean(),
      statistics,
    }),
    z.object({ kind: z.literal('cancelled'), ...reportFields }),
    z.object({ kind: z.literal('refused'), ...reportFields, reason: reasonSchema }),
    /** It runs, and asks for more time than its timeout gives it; said again until it is answered (H17). */
    z.object({
      kind: z.literal('extend'),
      ...reportFields,
      ...extensionAskFields,
    }),
    /** It never started here and never will, or it was aborted by the fence: the token is burnt. */
    z.object({ kind: z.literal('burnt'), ...reportFields, reason: reasonSchema }),
  ]),
)
/** A worker's word on one attempt. */
export type Report = z.infer<typeof reportSchema>
/** One kind of word on an attempt. */
export type ReportOf<Kind extends Report['kind']> = Extract<Report, { kind: Kind }>

/** Worker to leader: words on attempts; each but `started` is repeated until it is named as logged (K9). */
export const reportMessage = defineMessage(
  'worker.report',
  z.object({
    worker: idSchema,
    generation: countSchema,
    epoch: countSchema,
    reports: z.array(reportSchema).max(limits.commandsPerMessageMax),
  }),
)
/** Body of {@link reportMessage}. */
export type ReportMessage = ReturnType<typeof reportMessage.decode>

/** What the outbox holds: the word on one attempt that no leader has acknowledged (K9). */
export const outboxMessage = defineMessage(
  'outbox.report',
  z.object({ worker: idSchema, generation: countSchema, report: reportSchema }),
)
/** Body of {@link outboxMessage}. */
export type OutboxMessage = ReturnType<typeof outboxMessage.decode>

/** A function's word on its own progress: lossy, the newest number counts. */
export const progressMessage = defineMessage(
  'workflow.progress',
  z.object({ workflow: workflowIdSchema, token: tokenSchema, number: countSchema, value: bytesSchema }),
)
/** Body of {@link progressMessage}. */
export type ProgressMessage = ReturnType<typeof progressMessage.decode>
