import {
  type CoveyError,
  createSubjects,
  type InspectAnswer,
  type InspectMessage,
  inspectAnswer,
  inspectMessage,
} from '@covey/protocol'
import { type Clock, type StreamSurvey, surveyShards, surveyStreams } from '@covey/transport'
import type { Member } from 'covey'
import { listedMembers } from '../listed-members.js'
import { foreignLogOf, streamEpochOf } from '../log-version.js'
import type { Session } from '../session.js'

type AnswerOf<Type> = Extract<InspectAnswer, { type: Type }>

/** One node, and what it says itself. */
export interface LookedAtNode {
  readonly member: Member
  /** How long its event loop took to answer; `silent` within the deadline, `gone` where nobody listens. */
  readonly loop: { readonly kind: 'answers'; readonly ms: number } | { readonly kind: 'silent' | 'gone' }
  /** How far its wall clock is ahead of ours, and how much of that may be the way there and back; where it said so. */
  readonly clock?: { readonly aheadMs: number; readonly doubtMs: number }
  readonly ground?: AnswerOf<'ground'>
}

/** What is looked at of a cluster. Each part is asked for once, by the first check that needs it. */
export interface ClusterGround {
  readonly session: Session
  /** The name that a node is to be started with, where one is given. */
  readonly name: string | undefined
  /** How many shards it has. */
  readonly shards: () => Promise<number>
  readonly streams: () => Promise<ReadonlyMap<string, StreamSurvey | undefined>>
  /** Why no manager of this version can lead a shard whose log is there, if another version has led it. */
  readonly foreignLog: (shard: number) => Promise<CoveyError | undefined>
  /** How often the log of a shard, which is there, was found to have lost entries, and one. */
  readonly streamEpoch: (shard: number) => Promise<number>
  /** The nodes that have not departed, as the facts say: a leader that is blocked could not tell. */
  readonly nodes: () => Promise<readonly LookedAtNode[]>
  /** Whether a process of an earlier generation of a node still listens. */
  readonly isHeard: (node: string, generation: number) => Promise<boolean>
}

const answerMs = 2_000

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** Whether no node of a cluster of that name was ever at this broker. */
export const isUnknownCluster = async ({ streams }: Pick<ClusterGround, 'streams'>): Promise<boolean> =>
  [...(await streams()).values()].every((stream) => stream === undefined)

/** Opens the ground of a cluster. */
export function openClusterGround(
  session: Session,
  name: string | undefined,
  clock: Clock,
  wallNow: () => number,
): ClusterGround {
  const { client, links } = session
  const subjects = createSubjects(client.cluster)

  const ask = (node: string, generation: number, question: InspectMessage) =>
    links.data.request(
      subjects.channel(node, generation, 'inspect'),
      inspectMessage.encode(question),
      answerMs,
    )

  const loopOf = async ({ nodeId, generation }: Member): Promise<LookedAtNode['loop']> => {
    const askedAtMs = clock.now()
    const { kind } = await ask(nodeId, generation, { type: 'counters' })
    if (kind === 'reply') return { kind: 'answers', ms: Math.round(clock.now() - askedAtMs) }
    return { kind: kind === 'noResponders' ? 'gone' : 'silent' }
  }

  /** Nothing from a node of an older version, which does not know the question. */
  const groundOf = async ({
    nodeId,
    generation,
  }: Member): Promise<Pick<LookedAtNode, 'clock' | 'ground'>> => {
    const askedAtMs = wallNow()
    const outcome = await ask(nodeId, generation, { type: 'ground' })
    if (outcome.kind !== 'reply') return {}
    const doubtMs = (wallNow() - askedAtMs) / 2
    const answer = inspectAnswer.decode(outcome.data)
    if (answer.type !== 'ground') return {}
    return { clock: { aheadMs: answer.wallNowMs - (askedAtMs + doubtMs), doubtMs }, ground: answer }
  }

  const lookAt = async (member: Member): Promise<LookedAtNode> => {
    const [loop, ground] = await Promise.all([loopOf(member), groundOf(member)])
    return { member, loop, ...ground }
  }

  const ground: ClusterGround = {
    session,
    name,
    shards: once(async () => links.shards ?? surveyShards(links.control, client.cluster)),
    streams: once(async () => surveyStreams(links.control, client.cluster, await ground.shards())),
    foreignLog: (shard) => foreignLogOf(links.control, client.cluster, shard),
    streamEpoch: (shard) => streamEpochOf(links.control, client.cluster, shard),
    nodes: once(async () => {
      if (await isUnknownCluster(ground)) return []
      const members = await listedMembers(client, clock)
      return Promise.all(members.filter(({ state }) => state !== 'departed').map(lookAt))
    }),
    isHeard: async (node, generation) =>
      (await ask(node, generation, { type: 'counters' })).kind !== 'noResponders',
  }
  return ground
}
