import { z } from 'zod'
import { defineMessage } from './codec.js'
import { contactSchema } from './contact.js'
import { labelsSchema } from './demand.js'
import { goodbyeReasons } from './goodbye-reason.js'
import { limits } from './limits.js'
import { countSchema, idSchema, reasonSchema } from './schemas.js'

/** What a node does in its cluster. */
export const roles = ['manager', 'worker'] as const
/** One of {@link roles}. */
export type Role = (typeof roles)[number]

/** How a generation ended. `left` and `exited` are certain; the others wait for the lease (K8, K15). */
export const endKinds = ['left', 'exited', 'crashed', 'evicted', 'superseded'] as const
/** One of {@link endKinds}. */
export type EndKind = (typeof endKinds)[number]

/** The fact that says how many shards a cluster has: the place of every job follows from it, so that it never changes. */
export const shardsFact = defineMessage(
  'agreed.shards',
  z.object({ shards: countSchema.min(1).max(limits.shardsMax) }),
)

const goodbyeSchema = z.enum(goodbyeReasons)

/** The fact by which a process takes a generation; the boot id tells a retried winner from a loser. */
export const joinedFact = defineMessage(
  'member.joined',
  z.object({
    bootId: z.string().min(16).max(limits.nameTextMax),
    host: z.string().max(limits.hostTextMax),
    pid: countSchema,
    roles: z.array(z.enum(roles)).max(roles.length),
    slots: countSchema.max(limits.slotsPerWorkerMax),
    version: z.string().max(limits.nameTextMax),
    /** Wall-clock time of the node's own start, for people only: never compared (architecture 5). */
    since: z.string().max(limits.timeTextMax),
    /** Where it can be reached beside the broker. */
    contacts: z.array(contactSchema).max(limits.contactsMax).readonly().exactOptional(),
    /** What a worker offers to those who require it. */
    labels: labelsSchema.exactOptional(),
    /** A digest of the settings that all nodes need the same: who joins in the same moment looks at it (S3). */
    configuration: z.string().max(limits.nameTextMax).exactOptional(),
  }),
)
/** What a node says of itself when it joins. */
export type JoinedFact = ReturnType<typeof joinedFact.decode>

/** The fact that a generation takes part: its subjects are subscribed (K31). */
export const activeFact = defineMessage(
  'member.active',
  z.object({ bootId: z.string().max(limits.nameTextMax) }),
)
/** Body of {@link activeFact}. */
export type ActiveFact = ReturnType<typeof activeFact.decode>

/** The fact that a generation leaves on purpose. */
export const leavingFact = defineMessage('member.leaving', z.object({ reason: goodbyeSchema }))
/** Body of {@link leavingFact}. */
export type LeavingFact = ReturnType<typeof leavingFact.decode>

/** The fact that a generation has ended: create-once, so whoever creates it has decided. */
export const departedFact = defineMessage(
  'member.departed',
  z.object({
    kind: z.enum(endKinds),
    by: idSchema,
    reason: reasonSchema.exactOptional(),
    /** Work still ran at the end: its lease is waited for although the kind is `left` (K30). */
    dirty: z.boolean().exactOptional(),
    /** What the creator of a `crashed` fact knew (K13). */
    evidence: z
      .object({
        quorum: countSchema,
        electorate: z.array(idSchema).max(limits.membersMax),
        votes: z.array(idSchema).max(limits.votesPerMemberMax),
      })
      .exactOptional(),
  }),
)
/** Body of {@link departedFact}. */
export type DepartedFact = ReturnType<typeof departedFact.decode>
