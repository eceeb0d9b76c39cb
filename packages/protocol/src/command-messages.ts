import { z } from 'zod'
import { cancelCounts } from './cancel-counts.js'
import { cancelFilterSchema } from './cancel-filter.js'
import { defineMessage } from './codec.js'
import { demandSchema, labelsSchema } from './demand.js'
import { endKinds } from './fact-messages.js'
import { jobCountsSchema, jobViewSchema } from './job-views.js'
import { limits } from './limits.js'
import { outcomeSchema } from './outcome-messages.js'
import { chunkSchema, stepSchema } from './policy.js'
import { asRow } from './rows.js'
import {
  countSchema,
  durationMsSchema,
  errorReportSchema,
  idSchema,
  statisticsBytesSchema,
  stopReasonSchema,
  tokenSchema,
  workflowIdSchema,
} from './schemas.js'
import { seenFields, streamPlaceSchema } from './stream-place.js'
import { traceSchema } from './trace.js'

const number = countSchema
/**
 * Where the leader pushes outcomes, as a hint: the caller also asks again by id (K42). A submit is told of the workflow
 * `<job>/main` with its result where that is the job's only step, else of the job `<job>`; `job.get` of the job;
 * `result.get` of its workflow.
 */
const notify = z.string().max(limits.subjectTextMax).exactOptional()

/** What a client asks of a shard. `number` tells the answers of one message apart. */
export const commandSchema = asRow(
  z.discriminatedUnion('type', [
    z.object({
      type: z.literal('job.submit'),
      number,
      job: idSchema,
      digest: z.string().max(limits.nameTextMax),
      chunk: chunkSchema,
      workflows: z.array(stepSchema).min(1).max(limits.workflowsPerChunkMax),
      notify,
      /** The span of whoever submits: of a job in several chunks each carries it. */
      trace: traceSchema.exactOptional(),
      /** How far the log went that the client knew when it sent this first (K25). */
      since: countSchema.exactOptional(),
    }),
    /** Cancels a job, or with `step` one workflow and its dependents. */
    z.object({
      type: z.literal('job.cancel'),
      number,
      job: idSchema,
      reason: stopReasonSchema,
      step: idSchema.exactOptional(),
    }),
    /** Cancels every workflow that fits the filter, with its dependents. */
    z.object({
      type: z.literal('jobs.cancel'),
      number,
      reason: stopReasonSchema,
      filter: cancelFilterSchema,
    }),
    /** One page of a job: the workflows after `after`, in the order of submission. */
    z.object({ type: z.literal('job.get'), number, job: idSchema, after: countSchema, notify }),
    z.object({ type: z.literal('result.get'), number, workflow: workflowIdSchema, notify }),
    z.object({ type: z.literal('status.get'), number }),
    /** One page of all jobs: those after `after`, in the order of submission. */
    z.object({ type: z.literal('job.list'), number, after: countSchema }),
    /** One page of what the workflows of a job that have ended counted: after `after`, in the order of their ends. */
    z.object({ type: z.literal('statistics.get'), number, job: idSchema, after: countSchema }),
  ]),
)
/** One command of a client. */
export type Command = z.infer<typeof commandSchema>
/** One kind of command. */
export type CommandOf<Type extends Command['type']> = Extract<Command, { type: Type }>

/** Client to whoever leads the shard: several commands in one frame. */
export const commandsMessage = defineMessage(
  'client.commands',
  z.object({
    client: z.string().min(1).max(limits.nameTextMax),
    ...seenFields,
    commands: z.array(commandSchema).min(1).max(limits.commandsPerMessageMax),
  }),
)
/** Body of {@link commandsMessage}. */
export type CommandsMessage = ReturnType<typeof commandsMessage.decode>

/** A manager to whoever leads the shard: it has seen the log go further than it goes now (K11). */
export const seenMessage = defineMessage('shard.seen', streamPlaceSchema)

/** What a cancel did to one workflow (H4). */
export const cancelOutcomes = [
  'CANCELLED',
  'PENDING_CANCELLED',
  'ALREADY_CANCELLED',
  'ALREADY_COMPLETED',
  'NOT_FOUND',
] as const
/** One of {@link cancelOutcomes}. */
export type CancelOutcome = (typeof cancelOutcomes)[number]

/** One workflow as `covey job` shows it. */
export const workflowViewSchema = z.object({
  id: workflowIdSchema,
  name: idSchema,
  state: z.string().max(limits.stateTextMax),
  attempt: countSchema,
  token: tokenSchema.nullable(),
  node: idSchema.nullable(),
  error: errorReportSchema.nullable(),
  /** The steps of its job that it waits for; missing in the word of an older leader. */
  after: z.array(idSchema).max(limits.dependenciesPerWorkflowMax).readonly().exactOptional(),
  demand: demandSchema.exactOptional(),
  /** What it waits for, where it is queued. */
  waits: z.string().max(limits.errorTextMax).exactOptional(),
})
/** One workflow as `covey job` shows it. */
export type WorkflowView = z.infer<typeof workflowViewSchema>

/** One node as `covey status` shows it. */
export const nodeViewSchema = z.object({
  id: idSchema,
  generation: countSchema,
  state: z.string().max(limits.stateTextMax),
  roles: z.array(z.string().max(limits.stateTextMax)).max(limits.rolesShownMax),
  slots: z.object({ total: countSchema, used: countSchema }),
  host: z.string().max(limits.hostTextMax),
  pid: countSchema,
  since: z.string().max(limits.timeTextMax),
  /** How its newest generation ended, where it has. */
  end: z.enum(endKinds).exactOptional(),
  /** It answers beside an event loop that does not turn: it lives, and gets no work (K28). */
  busy: z.literal(true).exactOptional(),
  /** It has failed to take work: the leader gives it none, or a little (H18). */
  breaker: z.enum(['open', 'halfOpen']).exactOptional(),
  labels: labelsSchema.exactOptional(),
})
/** One node as `covey status` shows it. */
export type NodeView = z.infer<typeof nodeViewSchema>

/** One shard as `covey status` shows it. */
export const shardViewSchema = z.object({
  shard: countSchema,
  leader: idSchema.nullable(),
  epoch: countSchema,
  /** How often its log was found to have lost entries, and one; missing in the word of an older leader (K11). */
  streamEpoch: countSchema.exactOptional(),
  sequence: countSchema,
  backlog: countSchema,
  /** How loaded the manager is that leads it; missing in the word of an older one. */
  level: z.string().max(limits.stateTextMax).exactOptional(),
  /** Commands that it has refused since their client came more often than one client may; missing where there are none. */
  limited: countSchema.exactOptional(),
})
/** One shard as `covey status` shows it. */
export type ShardView = z.infer<typeof shardViewSchema>

/** What one workflow counted that has ended, by the attempt that ended it. */
const countedSchema = z.object({ step: idSchema, token: tokenSchema, value: statisticsBytesSchema })
/** What one workflow counted that has ended. */
export type Counted = z.infer<typeof countedSchema>

/** The leader's answer to one command. */
export const answerSchema = asRow(
  z.discriminatedUnion('type', [
    /** `afterMs`: when to ask again, where the leader says so. */
    z.object({
      type: z.literal('error'),
      number,
      error: errorReportSchema,
      afterMs: durationMsSchema.exactOptional(),
    }),
    z.object({
      type: z.literal('submitted'),
      number,
      job: idSchema,
      sequence: countSchema,
      again: z.boolean(),
    }),
    z.object({
      type: z.literal('cancelled'),
      number,
      outcomes: z
        .array(z.object({ id: workflowIdSchema, outcome: z.enum(cancelOutcomes) }))
        .max(limits.workflowsPerJobMax),
      /** Workflows of the job beyond those listed here: ask for the job to see them. */
      more: countSchema,
    }),
    /** What a cancel by filter met, as of this sequence of the shard's log (K45). */
    z.object({ type: z.literal('swept'), number, sequence: countSchema, ...cancelCounts }),
    z.object({
      type: z.literal('job'),
      number,
      id: idSchema,
      state: z.string().max(limits.stateTextMax),
      total: countSchema,
      ended: countSchema,
      workflows: z.array(workflowViewSchema),
    }),
    z.object({ type: z.literal('outcome'), number, outcome: outcomeSchema }),
    z.object({
      type: z.literal('status'),
      number,
      nodes: z.array(nodeViewSchema).max(limits.membersMax),
      shards: z.array(shardViewSchema),
      jobs: jobCountsSchema,
    }),
    /** `total` counts the jobs of the shard, listed or not. */
    z.object({
      type: z.literal('jobs'),
      number,
      total: countSchema,
      jobs: z.array(jobViewSchema).max(limits.jobsPerPageMax),
    }),
    /**
     * `total` counts the workflows that have ended and counted something, listed or not. What was listed under a lower stream
     * epoch may be lost (K11); it is missing where it is 1.
     */
    z.object({
      type: z.literal('statistics'),
      number,
      id: idSchema,
      state: z.string().max(limits.stateTextMax),
      total: countSchema,
      counted: z.array(countedSchema),
      streamEpoch: countSchema.exactOptional(),
    }),
  ]),
)
/** The leader's answer to one command. */
export type Answer = z.infer<typeof answerSchema>
/** One kind of answer. */
export type AnswerOf<Type extends Answer['type']> = Extract<Answer, { type: Type }>

/** Leader to client: the answers of one frame of commands. */
export const answersMessage = defineMessage(
  'client.answers',
  z.object({
    ...streamPlaceSchema.shape,
    epoch: countSchema,
    answers: z.array(answerSchema),
    /** How many commands, what controls aside, a client may have without an answer; as many as it likes where it is missing. */
    credit: countSchema.exactOptional(),
  }),
)
/** Body of {@link answersMessage}. */
export type AnswersMessage = ReturnType<typeof answersMessage.decode>
