import type { EventEmitter } from 'node:events'
import { loadPeer } from './load-peer.js'
import { bullmq } from './peer-package.js'

interface Connected {
  waitUntilReady(): Promise<unknown>
  close(): Promise<void>
}

/** A job of BullMQ, as far as it is used here. */
interface BullJob {
  readonly data: { readonly n: number }
  waitUntilFinished(events: Connected, deadlineMs: number): Promise<unknown>
}

interface BullQueue extends Connected, EventEmitter {
  add(name: string, data: BullJob['data'], options: object): Promise<BullJob>
}

interface Address {
  readonly connection: { readonly host: string; readonly port: number }
}

interface BullApi {
  readonly Queue: new (name: string, options: Address) => BullQueue
  readonly QueueEvents: new (name: string, options: Address) => Connected & EventEmitter
  readonly Worker: new (
    name: string,
    work: (job: BullJob) => Promise<unknown>,
    options: Address & { readonly concurrency: number },
  ) => Connected & EventEmitter
}

/** BullMQ, once it is installed. */
export const loadBull = (): Promise<BullApi> => loadPeer<BullApi>(bullmq)

/** Where a Redis is, as BullMQ takes it. */
export function addressOf(server: string): Address {
  const { hostname: host, port } = new URL(server)
  return { connection: { host, port: Number(port) } }
}
