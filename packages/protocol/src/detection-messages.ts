import { z } from 'zod'
import { defineDoor, defineMessage } from './codec.js'
import { limits } from './limits.js'
import { probeMessage } from './member-messages.js'
import { countSchema, idSchema } from './schemas.js'

const senderFields = { from: idSchema, generation: countSchema }

/** Asks a member to ask another one, who has not answered the sender (SWIM). */
export const relayMessage = defineMessage(
  'probe.relay',
  z.object({ ...senderFields, subject: z.object({ node: idSchema, generation: countSchema }) }),
)
/** Body of {@link relayMessage}. */
export type RelayMessage = ReturnType<typeof relayMessage.decode>

/** What came of it. That the other did not answer is an answer too: who gives it is well (Lifeguard). */
export const relayAnswer = defineMessage(
  'probe.relayed',
  z.object({ generation: countSchema, answered: z.boolean() }),
)

/**
 * Tells a member that the sender suspects it, under the incarnation that the sender knows of (O7): answered by
 * `gossipMessage`, which refutes it.
 */
export const accusationMessage = defineMessage(
  'member.accused',
  z.object({ ...senderFields, incarnation: countSchema }),
)

/** Body of {@link accusationMessage}. */
export type Accusation = ReturnType<typeof accusationMessage.decode>

/** How far a generation has come, in this order. */
export const recordPhases = ['joining', 'active', 'leaving'] as const
/** How a generation ended, each beyond the one before it where two say different things. */
export const recordEnds = ['none', 'exited', 'crashed', 'left', 'evicted', 'superseded'] as const

const recordSchema = z.object({
  node: idSchema,
  generation: countSchema,
  phase: z.enum(recordPhases),
  incarnation: countSchema,
  dep: z.enum(recordEnds),
})
/** What is known of the newest generation of a name, as far as it can be compared and merged. */
export type MemberRecord = z.infer<typeof recordSchema>

/** Records that the sender knows and the receiver may not: facts alone decide, so the receiver looks at those (O2). */
export const recordsMessage = defineMessage(
  'member.records',
  z.object({ ...senderFields, records: z.array(recordSchema).max(limits.membersMax) }),
)
/** Body of {@link recordsMessage}. */
export type RecordsMessage = ReturnType<typeof recordsMessage.decode>

/** All that the sender knows of everybody who has not departed, as one sum: as good as always both know the same. */
export const sumMessage = defineMessage(
  'member.sum',
  z.object({ ...senderFields, sum: countSchema.max(0xffff_ffff) }),
)
/** Body of {@link sumMessage}. */
export type SumMessage = ReturnType<typeof sumMessage.decode>

/** Whether the answerer has the same sum. */
export const sumAnswer = defineMessage(
  'member.summed',
  z.object({ generation: countSchema, isEqual: z.boolean() }),
)
/** Body of {@link sumAnswer}. */
export type SumAnswer = ReturnType<typeof sumAnswer.decode>

/** What the sender knows of everybody who has not departed, where that is not the same, as sums of names; answered by the records that differ. */
export const digestMessage = defineMessage(
  'member.digest',
  z.object({ ...senderFields, sums: z.array(countSchema.max(0xffff_ffff)).length(limits.digestSums) }),
)
/** Body of {@link digestMessage}. */
export type DigestMessage = ReturnType<typeof digestMessage.decode>

/** Which sums of a digest differ, and the records that the answerer has of them. */
export const differencesMessage = defineMessage(
  'member.differences',
  z.object({
    generation: countSchema,
    places: z.array(countSchema.max(limits.digestSums - 1)).max(limits.digestSums),
    records: z.array(recordSchema).max(limits.membersMax),
  }),
)
/** Body of {@link differencesMessage}. */
export type Differences = ReturnType<typeof differencesMessage.decode>

/** Everything that a member is sent at its subject `probe`: the first is answered by whoever holds the process. */
export const probeDoor = defineDoor('probe', [
  probeMessage,
  relayMessage,
  accusationMessage,
  recordsMessage,
  sumMessage,
  digestMessage,
])
