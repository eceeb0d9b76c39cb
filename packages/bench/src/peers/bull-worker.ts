import { slotsPerWorker } from '../dispatch/add-one.js'
import type { ChildOrder, Close } from '../process/child-role.js'
import { addressOf, loadBull } from './bull-api.js'

/** A worker of BullMQ: it adds one, as many at a time as one of ours. */
export async function startBullWorker({ server, cluster }: ChildOrder): Promise<Close> {
  const { Worker } = await loadBull()
  const addOne = async ({ data }: { readonly data: { readonly n: number } }) => ({ n: data.n + 1 })
  const worker = new Worker(cluster, addOne, { ...addressOf(server), concurrency: slotsPerWorker })
  // Nothing may go wrong in a measurement: this ends the process, and with it the benchmark.
  worker.on('error', (error) => {
    throw error
  })
  await worker.waitUntilReady()
  return () => worker.close()
}
