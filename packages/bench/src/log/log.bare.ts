import { packValue } from '@covey/protocol'
import { type JetStreamClient, jetstream, jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from 'nats'

/** Appends an event and resolves when it is in the log. */
export type Append = (event: object) => Promise<void>

async function makeStream(connection: NatsConnection, name: string): Promise<JetStreamClient> {
  const manager = await jetstreamManager(connection)
  await manager.streams.add({ name, subjects: [name], storage: 'file', num_replicas: 1 })
  return jetstream(connection)
}

/** One event is one message, published with the sequence that is expected, and so one at a time. */
export async function onePublishEach(connection: NatsConnection): Promise<Append> {
  const name = 'bare-one'
  const stream = await makeStream(connection, name)
  let last = Promise.resolve(0)
  return async (event) => {
    last = last.then(async (lastSequence) => {
      const ack = await stream.publish(name, packValue([event]), { expect: { lastSequence } })
      return ack.seq
    })
    await last
  }
}

/** All events that come while an append is under way are the next one. */
export async function bareGroupCommit(connection: NatsConnection): Promise<Append> {
  const name = 'bare-group'
  const batchMax = 512
  const stream = await makeStream(connection, name)
  let queue: { readonly event: object; readonly resolve: () => void }[] = []
  let lastSequence = 0
  let busy = false
  const pump = async (): Promise<void> => {
    while (queue.length > 0) {
      const batch = queue.slice(0, batchMax)
      queue = queue.slice(batchMax)
      const data = packValue(batch.map(({ event }) => event))
      const ack = await stream.publish(name, data, { expect: { lastSequence } })
      lastSequence = ack.seq
      for (const { resolve } of batch) resolve()
    }
    busy = false
  }
  return (event) =>
    new Promise((resolve) => {
      queue.push({ event, resolve })
      if (busy) return
      busy = true
      queueMicrotask(() => void pump())
    })
}
