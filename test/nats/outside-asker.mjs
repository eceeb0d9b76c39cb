/**
 * Asks from a thread while the event loop of the test is blocked: the loop says when by a cell of shared memory, and waits
 * at another. Plain JavaScript, because a thread runs under bare Node.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { connect } from 'nats'

/** @type {{ server: string, memory: SharedArrayBuffer }} */
const { server, memory } = workerData
const cells = new Int32Array(memory, 0, 2)
const bytes = new Uint8Array(memory, cells.byteLength)
const connection = await connect({ servers: server })

/** @param {{ subject: string, question: Uint8Array, afterMs: number, waitMs: number }} wish */
const ask = async ({ subject, question, afterMs, waitMs }) => {
  await new Promise((resolve) => setTimeout(resolve, afterMs))
  const answer = await connection.request(subject, question, { timeout: waitMs }).catch(() => undefined)
  bytes.set(answer?.data ?? [])
  Atomics.store(cells, 1, answer?.data.length ?? 0)
  Atomics.store(cells, 0, 1)
  Atomics.notify(cells, 0)
}
parentPort?.on('message', async (wish) => {
  if (wish !== null) return ask(wish)
  await connection.close()
  parentPort?.close()
})
parentPort?.postMessage('ready')
