import { createSubjects, shardsFact } from '@covey/protocol'
import type { StreamConfig } from '@nats-io/jetstream'
import type { Bus } from '../bus.js'
import { commonStreamsOf, faultsOf, logStreamsOf } from './ensure-streams.js'
import { readMessage, streamInfo } from './jetstream-api.js'

/** One stream of a cluster as the broker has it. */
export interface StreamSurvey {
  readonly name: string
  /** What of it is configured otherwise than a node would have it. */
  readonly faults: readonly string[]
  readonly messages: number
  readonly bytes: number
  /** What it takes before it refuses; -1 without an end. */
  readonly bytesMax: number
  readonly firstSequence: number
  readonly lastSequence: number
}

interface InfoReply {
  readonly config: Partial<StreamConfig>
  readonly state: {
    readonly messages: number
    readonly bytes: number
    readonly first_seq: number
    readonly last_seq: number
  }
}

/** How many copies there are is for the nodes to say. */
const isOfNodes = (field: string): boolean => field === 'num_replicas'

/**
 * Looks at all streams of a cluster and changes nothing: by name, `undefined` for one that is not there. Rejects
 * `unavailable` where JetStream does not answer.
 */
export async function surveyStreams(
  bus: Pick<Bus, 'request'>,
  cluster: string,
  shards: number,
): Promise<ReadonlyMap<string, StreamSurvey | undefined>> {
  const survey = async (required: ReturnType<typeof commonStreamsOf>[number]) => {
    const { name } = required
    const info = await streamInfo<InfoReply>(bus, name)
    if (info === undefined) return [name, undefined] as const
    const { config, state } = info
    const faults = faultsOf(required, config).filter(({ field }) => !isOfNodes(field))
    const { messages, bytes, first_seq: firstSequence, last_seq: lastSequence } = state
    const found: StreamSurvey = {
      ...{ name, faults: faults.map(({ what }) => what), bytesMax: config.max_bytes ?? -1 },
      ...{ messages, bytes, firstSequence, lastSequence },
    }
    return [name, found] as const
  }
  const subjects = createSubjects(cluster)
  const streams = [...commonStreamsOf(subjects, 1), ...logStreamsOf(subjects, shards, 1)]
  return new Map(await Promise.all(streams.map(survey)))
}

/** How many shards a cluster has, as its streams say: 1 where no manager ever was. Rejects `unavailable`. */
export async function surveyShards(bus: Pick<Bus, 'request'>, cluster: string): Promise<number> {
  const subjects = createSubjects(cluster)
  if ((await streamInfo<InfoReply>(bus, subjects.factsStream)) === undefined) return 1
  const fact = await readNewest(bus, subjects.factsStream, subjects.agreed('shards'))
  return fact === undefined ? 1 : shardsFact.decode(fact).shards
}

/**
 * What a stream that is there was told last under a subject, or under one of those that a pattern takes; `undefined`
 * where it holds none. Rejects `unavailable`.
 */
export const readNewest = async (
  bus: Pick<Bus, 'request'>,
  stream: string,
  subject: string,
): Promise<Uint8Array | undefined> => (await readMessage(bus, stream, { last_by_subj: subject }))?.data
