import { CoveyError, limits, type Subjects } from '@covey/protocol'
import {
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream'
import { natsDeadlines } from './deadline.js'
import { deniedRequest } from './denied-subject.js'
import type { NatsBus } from './nats-bus.js'

const codes = { accountLimit: 10_002, insufficientResources: 10_023, insufficientStorage: 10_047 } as const
const configuredOtherwise = 10_058
const subjectsOverlap = 10_065

type Required = Partial<StreamConfig> & { readonly name: string }

/** What is refused rather than evicted: without these fields create-once and fencing are only goodwill (K53). */
const durable = {
  storage: 'file',
  retention: 'limits',
  discard: 'new',
  max_age: 0,
  max_msgs: -1,
  max_msg_size: -1,
  allow_rollup_hdrs: false,
  allow_direct: false,
} as const

/**
 * Against accidents: a fold cannot pass over a message that was taken out of a log (K2), and what has to go is purged.
 * Not asked of streams that are there: they work without it.
 */
const guarded = { deny_delete: true } as const

const createOnce = (name: string, subjects: string[], maxBytes: number): Required => ({
  ...durable,
  name,
  subjects,
  discard_new_per_subject: true,
  max_msgs_per_subject: 1,
  max_bytes: maxBytes,
})

/** Copies of a stream. */
export type Replicas = 1 | 3

/** The streams that a cluster has whatever its shards, as they have to be. */
export const commonStreamsOf = (subjects: Subjects, replicas: Replicas): readonly Required[] =>
  [
    createOnce(subjects.factsStream, [subjects.facts, subjects.agreedAll], limits.factsStreamBytesMax),
    createOnce(subjects.outboxStream, [subjects.outboxAll], limits.outboxStreamBytesMax),
    createOnce(subjects.objectsStream, [subjects.objects], limits.objectsStreamBytesMax),
  ].map((config) => ({ ...config, num_replicas: replicas }) as Required)

/** A broker reserves what a stream may take, so that many logs share what some would have. */
const logBytesMax = (shards: number): number =>
  Math.min(limits.logStreamBytesMax, Math.floor(limits.allLogsBytesMax / shards))

/** The logs of all shards of a cluster, as they have to be. */
export const logStreamsOf = (subjects: Subjects, shards: number, replicas: Replicas): readonly Required[] =>
  Array.from(
    { length: shards },
    (_, shard) =>
      ({
        ...durable,
        name: subjects.logStream(shard),
        // Exactly these two: any other message would take a sequence and fence the leader (K20).
        subjects: [subjects.batch(shard), subjects.claims(shard)],
        max_msgs_per_subject: -1,
        max_bytes: logBytesMax(shards),
        num_replicas: replicas,
      }) as Required,
  )

const text = (value: unknown): string => JSON.stringify(value) ?? 'nothing'

/** A field of a stream that is configured otherwise, and how. */
export interface StreamFault {
  readonly field: string
  readonly what: string
}

/** Servers ignore fields they do not know without a word, so what counts is the configuration they echo. */
export const faultsOf = (required: Required, echoed: Partial<StreamConfig>): readonly StreamFault[] =>
  Object.entries(required).flatMap(([field, value]) => {
    const found: unknown = echoed[field as keyof StreamConfig]
    // A server leaves out what is false.
    if (text(found ?? false) === text(value ?? false)) return []
    return [{ field, what: `${field} has to be ${text(value)}, the broker says ${text(found)}` }]
  })

function verify(required: Required, echoed: StreamConfig): void {
  const [fault] = faultsOf(required, echoed)
  if (fault === undefined) return
  throw new CoveyError('broker_unsuitable', `stream ${required.name}: ${fault.what}`, {
    address: required.name,
    mend: `correct ${fault.field} of the stream, or use another cluster name`,
  })
}

const gibibyteBytes = 1_024 ** 3
const { factsStreamBytesMax, outboxStreamBytesMax, objectsStreamBytesMax, logStreamBytesMax } = limits

/** What a stream may take is reserved when it is made, so that the broker refuses it before anything is stored. */
const roomMend = `let the broker reserve more: max_file_store of jetstream (and max_file of the account) of at least ${Math.ceil(
  (factsStreamBytesMax + outboxStreamBytesMax + objectsStreamBytesMax + logStreamBytesMax) / gibibyteBytes,
)} GiB for a cluster of one shard, as nats.conf has it; it need not be free yet`

function streamError(name: string, error: unknown): CoveyError {
  const code = error instanceof JetStreamApiError ? error.code : 0
  const message = `stream ${name}: ${error instanceof Error ? error.message : String(error)}`
  if (code === subjectsOverlap) {
    return new CoveyError('broker_unsuitable', message, {
      address: name,
      mend: 'another stream takes these subjects: remove it, or use another cluster name',
      cause: error,
    })
  }
  const denied = deniedRequest(error)
  if (denied !== undefined) return denied
  const isFull = Object.values(codes).some((known) => known === code)
  if (!isFull) return new CoveyError('unavailable', message, { address: name, cause: error })
  return new CoveyError('storage_full', message, { address: name, mend: roomMend, cause: error })
}

/** A stream that is configured otherwise; one of an older version, which took fewer subjects, takes all of them from now on. */
async function widened(manager: JetStreamManager, { name, subjects = [] }: Required): Promise<StreamInfo> {
  const found = await manager.streams.info(name)
  const { subjects: taken } = found.config
  const isOlder = taken.length < subjects.length && taken.every((subject) => subjects.includes(subject))
  return isOlder ? manager.streams.update(name, { subjects }) : found
}

async function ensureStream(manager: JetStreamManager, required: Required): Promise<void> {
  const { name } = required
  const isOther = (error: unknown): boolean =>
    error instanceof JetStreamApiError && error.code === configuredOtherwise
  // To add what is there in the same configuration is a success, also for several nodes at once.
  const added = await manager.streams
    .add({ ...required, ...guarded })
    .catch((error: unknown) => {
      if (isOther(error)) return widened(manager, required)
      throw error
    })
    .catch((error: unknown) => {
      throw streamError(name, error)
    })
  verify(required, added.config)
}

/**
 * Makes the streams that are missing and verifies those that are there; idempotent. Rejects `broker_unsuitable` with
 * the field that is configured otherwise, `storage_full` when the broker has no room for them, `permission_denied`, `unavailable`.
 */
export async function ensureStreams(bus: NatsBus, streams: readonly Required[]): Promise<void> {
  const manager = await jetstreamManager(bus.connection, {
    checkAPI: false,
    timeout: natsDeadlines.jetStreamMs,
  })
  await Promise.all(streams.map((required) => ensureStream(manager, required)))
}
