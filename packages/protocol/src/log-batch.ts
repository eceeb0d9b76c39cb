import { z } from 'zod'
import { defineMessage, type MessageCodec } from './codec.js'
import { CoveyError } from './errors.js'
import { limits } from './limits.js'
import { type LogEvent, type WrittenEvent, writtenEventSchema } from './log-events.js'
import { type Policy, policySchema } from './policy.js'
import { countSchema, durationMsSchema, termSchema } from './schemas.js'

const writtenBatch = defineMessage(
  'log.batch',
  z.object({
    streamEpoch: countSchema,
    epoch: countSchema,
    /** Which process wrote it and its number: what tells a landed append from a lost one (K22). */
    bootId: z.string().max(limits.nameTextMax),
    number: countSchema,
    /** The term that it belongs to: two claims of one process are told apart by it (K11). Missing in batches of older folds. */
    term: termSchema.exactOptional(),
    elapsedMs: durationMsSchema,
    /** The policies of the batch, each once: most assignments of a turn carry the same. */
    policies: z.array(policySchema).max(limits.batchEventsMax).exactOptional(),
    events: z.array(writtenEventSchema).max(limits.batchEventsMax),
  }),
)
type WrittenBatch = ReturnType<typeof writtenBatch.decode>

/** One log message: the events of one turn of the leader, and the milliseconds that passed for it since the last (K16). */
export type BatchMessage = Omit<WrittenBatch, 'policies' | 'events'> & { events: LogEvent[] }

function write({ events, ...batch }: BatchMessage): WrittenBatch {
  const places = new Map<Policy, number>()
  const writeEvent = (event: LogEvent): WrittenEvent => {
    if (event.type !== 'workflow.assigned') return event
    const { type, workflow, worker, generation, credits, policy } = event
    const place = places.get(policy) ?? places.size
    if (place === places.size) places.set(policy, place)
    return { type, workflow, worker, generation, credits, policy: place }
  }
  const written = events.map(writeEvent)
  return { policies: [...places.keys()], events: written, ...batch }
}

function read({ policies = [], events, ...batch }: WrittenBatch): BatchMessage {
  for (const event of events) {
    if (event.type !== 'workflow.assigned' || typeof event.policy !== 'number') continue
    const policy = policies[event.policy]
    if (!policy)
      throw new CoveyError('invalid_message', `log.batch: it has no policy ${event.policy}`, {
        address: 'log.batch',
      })
    event.policy = policy
  }
  return { events: events as LogEvent[], ...batch }
}

/** Writes and reads {@link BatchMessage}. */
export const batchMessage: MessageCodec<'log.batch', BatchMessage> = {
  kind: writtenBatch.kind,
  version: writtenBatch.version,
  schema: writtenBatch.schema,
  encode: (batch) => writtenBatch.encode(write(batch)),
  decode: (bytes) => read(writtenBatch.decode(bytes)),
  check: (body, frameBytes) => read(writtenBatch.check(body, frameBytes)),
}
