import { z } from 'zod'
import { defineMessage } from './codec.js'
import { labelsSchema } from './demand.js'
import { limits } from './limits.js'
import { countSchema, durationMsSchema, errorReportSchema, idSchema, reasonSchema } from './schemas.js'

const kind = z.string().max(limits.nameTextMax)
const actor = z.string().max(limits.actorTextMax)
const state = z.string().max(limits.actorTextMax)

/** Asks a node for what it tells nobody unasked: one of its actors in full, its counters, its last dead letters, the ground it stands on, the jobs that it leads, its connections. */
export const inspectMessage = defineMessage(
  'inspect.ask',
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('actor'), kind, actor }),
    z.object({ type: z.literal('counters') }),
    z.object({ type: z.literal('letters') }),
    z.object({ type: z.literal('ground') }),
    z.object({ type: z.literal('jobs') }),
    z.object({ type: z.literal('connections') }),
  ]),
)
/** Body of {@link inspectMessage}. */
export type InspectMessage = ReturnType<typeof inspectMessage.decode>

/** One job as a list shows it. */
const jobRowSchema = z.object({
  id: idSchema,
  state: z.string().max(limits.stateTextMax),
  total: countSchema,
  ended: countSchema,
})

/** An event that reached no actor, by its type: what was in it is told to nobody. */
const deadLetterSchema = z.object({
  /** Milliseconds since the epoch, by the wall clock of the node. */
  atMs: z.number(),
  /** Whom it was for. */
  actor,
  event: z.string().max(limits.actorTextMax),
  reason: z.string().max(limits.nameTextMax),
})
/** One dead letter of a node. */
export type DeadLetterView = z.infer<typeof deadLetterSchema>

/** One channel of a connection: what may still be sent, what waits to be, and what waits for the handler here. */
const channelRowSchema = z.object({
  name: idSchema,
  credit: countSchema,
  queue: countSchema,
  unread: countSchema,
})

/** One connection of a node. */
const connectionRowSchema = z.object({
  /** A link to the broker, or a session with a peer. */
  kind: z.enum(['link', 'session']),
  /** The name of the link or of the peer. */
  peer: idSchema,
  generation: countSchema,
  state: z.string().max(limits.stateTextMax),
  /** When it came into that state, by the wall clock of the node. */
  since: z.string().max(limits.timeTextMax),
  /** Of its last hello, where this node said it. */
  roundTripMs: durationMsSchema.nullable(),
  dials: countSchema,
  lastError: reasonSchema,
  channels: z.array(channelRowSchema).max(limits.inspectChannelsMax),
})

const connectionReportFields = {
  connections: z.array(connectionRowSchema).max(limits.inspectConnectionsMax),
  /** Also those that are too many to be told. */
  total: countSchema,
}
/** The connections of a node at one moment. */
export type ConnectionReport = z.infer<z.ZodObject<typeof connectionReportFields>>

/** What a node answers to {@link inspectMessage}. */
export const inspectAnswer = defineMessage(
  'inspect.answer',
  z.discriminatedUnion('type', [
    z.object({
      type: z.literal('actor'),
      state,
      /** JSON, cut where it would be longer; what of it is no plain data is described. */
      context: z.string().max(limits.inspectContextTextMax),
      timers: z
        .array(z.object({ event: z.string().max(limits.actorTextMax), dueInMs: durationMsSchema }))
        .max(limits.inspectTimersMax),
    }),
    z.object({
      type: z.literal('counters'),
      counters: z.record(z.string().max(limits.nameTextMax), z.number()),
    }),
    /** The newest first; `total` counts those that are not kept any more too. */
    z.object({
      type: z.literal('letters'),
      letters: z.array(deadLetterSchema).max(limits.inspectLettersMax),
      total: countSchema,
    }),
    z.object({
      type: z.literal('ground'),
      /** Milliseconds since the epoch, by the wall clock of the node. */
      wallNowMs: z.number(),
      /** Names of the workflows that it can run. */
      offers: z.array(idSchema).max(limits.offersPerWorkerMax),
      /** Its labels, and those of its offers that it may not run for want of one. */
      labels: labelsSchema.exactOptional(),
      unfit: z.array(idSchema).max(limits.offersPerWorkerMax).exactOptional(),
      /** Of the shards that it leads: how many workflows of each name, and of each list of labels, wait for a worker. */
      queued: z
        .array(z.object({ name: idSchema, count: countSchema, requires: labelsSchema.exactOptional() }))
        .max(limits.inspectQueuedNamesMax),
    }),
    /** Those that changed last come first. */
    z.object({
      type: z.literal('jobs'),
      jobs: z.array(jobRowSchema).max(limits.inspectJobsMax),
      total: countSchema,
    }),
    z.object({ type: z.literal('connections'), ...connectionReportFields }),
    z.object({ type: z.literal('error'), error: errorReportSchema }),
  ]),
)
/** Body of {@link inspectAnswer}. */
export type InspectAnswer = ReturnType<typeof inspectAnswer.decode>
