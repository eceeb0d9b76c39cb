import { z } from 'zod'
import { defineMessage } from './codec.js'
import { limits } from './limits.js'
import { countSchema, durationMsSchema, idSchema } from './schemas.js'
import { placeSchema } from './transition-messages.js'

const word = z.string().max(limits.actorTextMax)

/** One transition: its kind, its actor, from, event and to, where it stands, and how long `from` was. */
const tapRow = z.tuple([
  countSchema,
  word,
  countSchema,
  countSchema,
  countSchema,
  placeSchema,
  durationMsSchema,
])

/** Asks a node to sum up its transitions for a while, and with `anew` to state all its actors once more. */
export const tapMessage = defineMessage(
  'tap.open',
  z.object({ ttlMs: durationMsSchema.max(limits.watchTtlMs), anew: z.boolean() }),
)

/**
 * What a node has to tell of one interval: the newest state of actors that moved, a sample of the transitions, and how
 * many there were. Words are told once, in `words`, and meant by their place there. On the wire the frame is deflated
 * (RFC 1951): names are much alike.
 */
export const tapFrame = defineMessage(
  'tap.frame',
  z.object({
    node: idSchema,
    generation: countSchema,
    /** Counts the frames of the node: after a gap the states have to be asked for anew. */
    number: countSchema,
    words: z.array(word).max(limits.tapWordsMax),
    /** A kind, a shard and one (0 for actors of the node), and a state, which is empty where an actor has ended. */
    states: z.array(z.tuple([countSchema, countSchema, countSchema])).max(limits.tapWordsMax),
    /**
     * Three values an actor: its place in `states`, how many characters its name has in common with the one before, and
     * the rest of its name.
     */
    actors: z.array(z.union([countSchema, word])).max(limits.tapActorsMax * 3),
    sample: z.array(tapRow).max(limits.tapSampleMax),
    seen: countSchema,
    /** Counts the times that all actors were stated, and whether the last of them has been by now. */
    pass: countSchema,
    isWhole: z.boolean(),
  }),
)
/** Body of {@link tapFrame}. */
export type TapFrame = ReturnType<typeof tapFrame.decode>
