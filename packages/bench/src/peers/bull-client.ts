import type { AddOne } from '../dispatch/our-cluster.js'
import type { Undo } from '../process/undo.js'
import { addressOf, loadBull } from './bull-api.js'

/** Longer than any job could ever wait here, so that one that is lost ends the benchmark. */
const deadlineMs = 60_000
/** Jobs that are kept when they have ended: more than are in flight, or some would be gone before their end is asked for. */
const endedKept = 5_000

/** A client of BullMQ: it adds a job to a queue and waits for its result by the events of the queue. */
export async function connectBull(
  server: string,
  queueName: string,
  undo: (end: Undo) => void,
): Promise<AddOne> {
  const { Queue, QueueEvents } = await loadBull()
  const address = addressOf(server)
  const queue = new Queue(queueName, address)
  undo(() => queue.close())
  const events = new QueueEvents(queueName, address)
  undo(() => events.close())
  // Each job that waits listens for the end of both.
  queue.setMaxListeners(0)
  events.setMaxListeners(0)
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady()])
  const options = { removeOnComplete: { count: endedKept } }
  return async (n) => {
    const job = await queue.add('add-one', { n }, options)
    return resultOf(await job.waitUntilFinished(events, deadlineMs))
  }
}

function resultOf(value: unknown): { readonly n: number } {
  if (typeof value === 'object' && value !== null && 'n' in value && typeof value.n === 'number')
    return { n: value.n }
  throw new Error(`a job of BullMQ ended with ${JSON.stringify(value)}`)
}
