import { z } from 'zod'
import { defineMessage } from './codec.js'
import { limits } from './limits.js'
import { countSchema, durationMsSchema, errorReportSchema, idSchema, streamEpochSchema } from './schemas.js'

/** Where a transition stands: in a shard's log, or in the order of its own node. */
export const placeSchema = z.union([
  z.object({
    shard: countSchema,
    /** Missing where it is 1: no entry of the log was ever lost (K11). */
    streamEpoch: countSchema.exactOptional(),
    sequence: countSchema,
    index: countSchema,
  }),
  z.object({ local: countSchema }),
])
/** Where a transition stands. */
export type Place = z.infer<typeof placeSchema>

/** One actor went from one state to another; `from` is empty where the actor began. */
export const transitionSchema = z.object({
  node: idSchema,
  generation: countSchema,
  /** The machine: `peer`, `worker`, `workflow` and so on. */
  kind: z.string().max(limits.nameTextMax),
  actor: z.string().max(limits.actorTextMax),
  from: z.string().max(limits.actorTextMax),
  event: z.string().max(limits.actorTextMax),
  to: z.string().max(limits.actorTextMax),
  at: placeSchema,
  elapsedMs: durationMsSchema,
})
/** One actor went from one state to another. */
export type Transition = z.infer<typeof transitionSchema>

/** A transition on its way; `number` counts what the node has published, so that a gap is seen (K42). */
export const transitionMessage = defineMessage(
  'actor.transition',
  z.object({ number: countSchema, transition: transitionSchema }),
)
/** Body of {@link transitionMessage}. */
export type TransitionMessage = ReturnType<typeof transitionMessage.decode>

/** Asks a node to publish its transitions for a while, and for the state of all its actors now. */
export const watchMessage = defineMessage(
  'watch.open',
  z.object({
    watch: z.string().min(1).max(limits.nameTextMax),
    /** Globs: empty means all. */
    actors: z.array(z.string().max(limits.actorTextMax)).max(limits.watchPatternsMax),
    kinds: z.array(z.string().max(limits.nameTextMax)).max(limits.watchPatternsMax),
    ttlMs: durationMsSchema.max(limits.watchTtlMs),
    /** False renews a watch without asking for the state again. */
    withState: z.boolean(),
  }),
)
/** Body of {@link watchMessage}. */
export type WatchMessage = ReturnType<typeof watchMessage.decode>

const foldedPlaceSchema = z.object({
  shard: countSchema,
  streamEpoch: streamEpochSchema,
  sequence: countSchema,
})
/** How far the log of a shard is folded. */
export type FoldedPlace = Readonly<z.infer<typeof foldedPlaceSchema>>

/** The state of every actor that a watch names, in parts; what follows carries numbers above that of the last part. */
export const watchState = defineMessage(
  'watch.state',
  z.object({
    node: idSchema,
    generation: countSchema,
    number: countSchema,
    part: countSchema,
    last: z.boolean(),
    actors: z
      .array(
        z.object({
          kind: z.string().max(limits.nameTextMax),
          actor: z.string().max(limits.actorTextMax),
          state: z.string().max(limits.actorTextMax),
          at: placeSchema,
        }),
      )
      .max(limits.watchPartActorsMax),
    /** With the last part: charts of these shards that moved no later, and are not stated, are kept no more. */
    folded: z.array(foldedPlaceSchema).max(limits.shardsMax).exactOptional(),
    error: errorReportSchema.exactOptional(),
  }),
)
/** Body of {@link watchState}. */
export type WatchState = ReturnType<typeof watchState.decode>
