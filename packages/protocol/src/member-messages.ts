import { z } from 'zod'
import { defineDoor, defineMessage } from './codec.js'
import { goodbyeReasons } from './goodbye-reason.js'
import { limits } from './limits.js'
import { countSchema, durationMsSchema, errorReportSchema, idSchema, reasonSchema } from './schemas.js'

const memberSchema = z.object({ node: idSchema, generation: countSchema })

/** Asks a process whether it lives; `about` asks in the same breath whether it suspects somebody (K32). */
export const probeMessage = defineMessage(
  'node.probe',
  z.object({ from: idSchema, generation: countSchema, about: memberSchema.exactOptional() }),
)
/** Body of {@link probeMessage}. */
export type ProbeMessage = ReturnType<typeof probeMessage.decode>

/**
 * A process answers a probe: it lives, in this state, and `health` 0 is well, 7 is very sick. `lagMs` is how long its event
 * loop has not turned: missing where the loop itself answers, which then turns (K28).
 */
export const probeAnswer = defineMessage(
  'node.probed',
  z.object({
    generation: countSchema,
    state: z.string().max(limits.stateTextMax),
    health: countSchema.max(limits.healthMax),
    lagMs: durationMsSchema.exactOptional(),
    suspected: z.boolean().exactOptional(),
  }),
)
/** Body of {@link probeAnswer}. */
export type ProbeAnswer = ReturnType<typeof probeAnswer.decode>

/** Opens a session between two peers. */
export const helloMessage = defineMessage(
  'session.hello',
  z.object({
    from: idSchema,
    generation: countSchema,
    session: z.string().min(1).max(limits.nameTextMax),
    version: z.string().max(limits.nameTextMax),
    capabilities: z.array(z.string().max(limits.nameTextMax)).max(limits.capabilitiesMax),
    /** Digest of what all nodes of a cluster need the same. */
    configuration: z.string().max(limits.nameTextMax),
  }),
)
/** Body of {@link helloMessage}. */
export type HelloMessage = ReturnType<typeof helloMessage.decode>

/** The session is open on the other side too. */
export const welcomeMessage = defineMessage(
  'session.welcome',
  z.object({ generation: countSchema, session: z.string().min(1).max(limits.nameTextMax) }),
)
/** The session is refused: a duplicate of one that stays (N14), a leaving node, or a version that does not fit. */
export const refusalMessage = defineMessage(
  'session.refused',
  z.object({
    reason: z.enum(['duplicate', 'leaving', 'incompatible', 'not_a_member', 'unready']),
    detail: reasonSchema,
    /** What the digest of the refusing side is made of, where the digests differ: the refused side finds the difference. */
    settings: z.record(z.string().max(limits.nameTextMax), z.number()).exactOptional(),
  }),
)
/** Body of {@link refusalMessage}. */
export type RefusalMessage = ReturnType<typeof refusalMessage.decode>
/** What comes back on a hello. */
export const sessionDoor = defineDoor('session', [welcomeMessage, refusalMessage])

/** Everything its sender suspects now: the whole list, so that a withdrawn vote is one that is missing (K32). */
export const voteMessage = defineMessage(
  'member.vote',
  z.object({
    generation: countSchema,
    number: countSchema,
    health: countSchema.max(limits.healthMax),
    suspects: z.array(memberSchema.extend({ incarnation: countSchema })).max(limits.membersMax),
  }),
)
/** Body of {@link voteMessage}. */
export type VoteMessage = ReturnType<typeof voteMessage.decode>

/** A node says of itself that it lives, in this state, with this incarnation: the answer to a suspicion. */
export const gossipMessage = defineMessage(
  'member.gossip',
  z.object({ generation: countSchema, incarnation: countSchema, state: z.string().max(limits.stateTextMax) }),
)
/** Body of {@link gossipMessage}. */
export type GossipMessage = ReturnType<typeof gossipMessage.decode>

/** Goodbye: a node says of itself that it leaves, and why (scenario A1). */
export const byeMessage = defineMessage(
  'member.bye',
  z.object({ generation: countSchema, reason: z.enum(goodbyeReasons) }),
)
/** Body of {@link byeMessage}. */
export type ByeMessage = ReturnType<typeof byeMessage.decode>

/**
 * A launcher tells a manager that its child has exited: certain, so nothing waits (K49). The boot id names the run: a live
 * process on another host may have its pid.
 */
export const exitedMessage = defineMessage(
  'node.exited',
  z.object({
    node: idSchema,
    pid: countSchema,
    bootId: z.string().max(limits.nameTextMax),
    how: reasonSchema,
  }),
)
/** Body of {@link exitedMessage}. */
export type ExitedMessage = ReturnType<typeof exitedMessage.decode>

/** An operator asks a node to leave. */
export const drainMessage = defineMessage('node.drain', z.object({ reason: z.enum(goodbyeReasons) }))
/** Body of {@link drainMessage}. */
export type DrainMessage = ReturnType<typeof drainMessage.decode>

/** An operator has a manager put a node out of the cluster: nobody of its name may join until it is taken in again. */
export const evictMessage = defineMessage(
  'node.evict',
  z.object({ node: idSchema, reason: reasonSchema.exactOptional() }),
)
/** Body of {@link evictMessage}. */
export type EvictMessage = ReturnType<typeof evictMessage.decode>

/**
 * An operator has a manager take a node in again that was put out under the generation `evicted`. Where none is named he
 * asks which eviction stands: an order that is late, or comes twice, must not undo one that he has ordered since.
 */
export const readmitMessage = defineMessage(
  'node.readmit',
  z.object({ node: idSchema, evicted: countSchema.exactOptional() }),
)
/** Body of {@link readmitMessage}. */
export type ReadmitMessage = ReturnType<typeof readmitMessage.decode>

/** The answer to an order: done, or why not; to a question about a name, the generation under which it is put out, if it is. */
export const orderAnswer = defineMessage(
  'order.answered',
  z.object({
    error: errorReportSchema.exactOptional(),
    generation: countSchema.exactOptional(),
    evicted: countSchema.exactOptional(),
  }),
)
/** Body of {@link orderAnswer}. */
export type OrderAnswer = ReturnType<typeof orderAnswer.decode>
