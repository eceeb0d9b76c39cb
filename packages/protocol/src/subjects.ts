import { limits } from './limits.js'
import type { TokenText } from './token.js'

/** What a node announces of its own generation, each a create-once fact. */
export const factPhases = ['joined', 'active', 'leaving', 'departed'] as const
/** One of {@link factPhases}. */
export type FactPhase = (typeof factPhases)[number]

/** What the managers of a cluster agree on once and for ever, each a create-once fact. */
export const agreedTerms = ['shards'] as const
/** One of {@link agreedTerms}. */
export type AgreedTerm = (typeof agreedTerms)[number]

/** Requests to one process, by generation: a message to an old generation finds nobody. */
export const nodeOperations = ['probe', 'session', 'run', 'cancel', 'ask', 'drain'] as const
/** One of {@link nodeOperations}. */
export type NodeOperation = (typeof nodeOperations)[number]

/** Channels of Covey itself, `channel.<name>`: what a node can be asked for beside its operations. All other names are for applications. */
export const channelNames = ['watch', 'tap', 'inspect', 'statistics', 'exited', 'evict', 'readmit'] as const
/** One of {@link channelNames}. */
export type ChannelName = (typeof channelNames)[number]

/** Lossy announcements, which only the node itself may publish. */
export const newsKinds = ['bye', 'gossip', 'vote'] as const
/** One of {@link newsKinds}. */
export type NewsKind = (typeof newsKinds)[number]

/** What a snapshot is named by, for ever: who wrote it, and the last message of the log that is in it (K3). */
export interface SnapshotPlace {
  readonly streamEpoch: number
  readonly epoch: number
  readonly sequence: number
}

const placeTokens = ({ streamEpoch, epoch, sequence }: SnapshotPlace): string =>
  `${streamEpoch}.${epoch}.${sequence}`

const tokenOfActor = (actor: string): string => actor.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 128)

/**
 * Where generations of nodes are asked whether they live: one text for each node, of which its hash is known too, since
 * nothing is said as often.
 */
function probeSubjects(root: string): (node: string, generation: number) => string {
  const last = new Map<string, { readonly generation: number; readonly subject: string }>()
  return (node, generation) => {
    const known = last.get(node)
    if (known?.generation === generation) return known.subject
    const subject = `${root}.node.${node}.${generation}.probe`
    if (known === undefined && last.size >= limits.membersMax) last.clear()
    last.set(node, { generation, subject })
    return subject
  }
}

/** The subjects of one cluster: the one place where they are spelt. All lie below `covey.<cluster>.`. */
export function createSubjects(cluster: string) {
  const root = `covey.${cluster}`
  const probe = probeSubjects(root)
  return {
    cluster,
    fact: (node: string, generation: number, phase: FactPhase) =>
      `${root}.member.${node}.${generation}.${phase}`,
    factsOf: (node: string) => `${root}.member.${node}.>`,
    facts: `${root}.member.>`,
    node: (node: string, generation: number, operation: NodeOperation) =>
      operation === 'probe' ? probe(node, generation) : `${root}.node.${node}.${generation}.${operation}`,
    channel: (node: string, generation: number, name: string) =>
      `${root}.node.${node}.${generation}.channel.${name}`,
    agreed: (what: AgreedTerm) => `${root}.agreed.${what}`,
    agreedAll: `${root}.agreed.>`,
    nodeInbox: (node: string, generation: number) => `${root}.node.${node}.${generation}.>`,
    news: (kind: NewsKind, node: string) => `${root}.${kind}.${node}`,
    newsOfAll: (kind: NewsKind) => `${root}.${kind}.*`,
    command: (shard: number) => `${root}.shard.${shard}.command`,
    batch: (shard: number) => `${root}.log.${shard}.batch`,
    claim: (shard: number, epoch: number) => `${root}.log.${shard}.claim.${epoch}`,
    claims: (shard: number) => `${root}.log.${shard}.claim.*`,
    outbox: (shard: number, node: string, generation: number, workflow: string, token: TokenText) =>
      `${root}.outbox.${shard}.${node}.${generation}.${workflow.replace('/', '.')}.${token}`,
    outboxOf: (shard: number) => `${root}.outbox.${shard}.>`,
    outboxAll: `${root}.outbox.>`,
    snapshotPart: (shard: number, place: SnapshotPlace, part: number) =>
      `${root}.object.${shard}.snapshot.${placeTokens(place)}.${part}`,
    snapshotParts: (shard: number, place: SnapshotPlace) =>
      `${root}.object.${shard}.snapshot.${placeTokens(place)}.*`,
    snapshotsOf: (shard: number) => `${root}.object.${shard}.snapshot.>`,
    resultPart: (shard: number, workflow: string, token: TokenText, part: number) =>
      `${root}.object.${shard}.result.${workflow.replace('/', '.')}.${token}.${part}`,
    resultParts: (shard: number, workflow: string, token: TokenText) =>
      `${root}.object.${shard}.result.${workflow.replace('/', '.')}.${token}.*`,
    resultsOf: (shard: number) => `${root}.object.${shard}.result.>`,
    objects: `${root}.object.>`,
    transition: (node: string, kind: string, actor: string) =>
      `${root}.transition.${node}.${tokenOfActor(kind)}.${tokenOfActor(actor)}`,
    transitions: `${root}.transition.>`,
    transitionsOf: (node: string) => `${root}.transition.${node}.>`,
    tap: (node: string) => `${root}.tap.${node}`,
    taps: `${root}.tap.*`,
    progress: (shard: number, workflow: string) => `${root}.progress.${shard}.${workflow.replace('/', '.')}`,
    statistics: (shard: number, id: string) => `${root}.statistics.${shard}.${id.replace('/', '.')}`,
    factsStream: `covey-${cluster}-facts`,
    outboxStream: `covey-${cluster}-outbox`,
    objectsStream: `covey-${cluster}-objects`,
    logStream: (shard: number) => `covey-${cluster}-log-${shard}`,
  } as const
}

/** What {@link createSubjects} returns. */
export type Subjects = ReturnType<typeof createSubjects>
